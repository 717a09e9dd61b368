/** One handshake of the search: its setting, the mutation, and what it must never come to. */
import type { Connection } from "../../connection/index.ts";
import { type Both, type Medium, pump } from "../../connection/pump.ts";
import type { Provider } from "../../crypto/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { EndPlan } from "../plan/plan.ts";
import { ScenarioError } from "./edit.ts";
import { Secrets } from "../trace/keys.ts";
import { askLater, messageOf } from "./conversation.ts";
import { type Draws, mutateUnit, Tried } from "./mutate.ts";
import { type Ends, problemOf } from "./must-not.ts";
import { OnPath } from "./on-path.ts";
import { changeRecords } from "./records.ts";
import { type AttackScenario, endsOf } from "./scenario.ts";
import { SearchEnds } from "./search-ends.ts";
import { chooseHandshake, endsOfHandshake, type Handshake, kindOf, planOf } from "./settings.ts";
import { describeStep, type Step, type Unit } from "./step.ts";

/** A handshake, and what the adversary between its ends has. */
export interface Setting extends Handshake {
  readonly keys: "none" | "traffic";
}

export interface Attempt {
  readonly steps: readonly Step[];
  /** What is new about it is found by this. */
  readonly outcome: string;
  readonly codes: readonly string[];
  readonly problem: string | undefined;
  /** The two ends as they were left: what they hold is weighed. */
  readonly ends: Ends;
}

export interface SearchProblem {
  /** `untyped error`, `hang`, `accepted`, with what it was. */
  readonly what: string;
  /** Which handshake of the search came to it, from 1. */
  readonly handshake: number;
  /** In words. */
  readonly steps: string;
  /** The smallest that still shows it: it can be run by `kemistry attack`. */
  readonly scenario: AttackScenario;
}

/** A handshake that takes longer than this, in milliseconds of processor time, hangs. */
const patience = 2000;

/** Milliseconds of processor time from now on: a busy machine is not a hang. */
export function processorTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}

/** Both kinds of adversary. */
export const chooseSetting = (roll: Draws): Setting => ({
  ...chooseHandshake(roll),
  keys: roll(2) === 0 ? "traffic" : "none",
});

/** Handshakes of one kind, for the search. */
export interface Trials<S> {
  readonly provider: Provider;
  choose(roll: Draws): S;
  /** Runs one handshake: given steps, and with draws one more that it makes up. */
  attempt(setting: S, given: readonly Step[], roll?: Draws): Attempt;
  scenarioOf(setting: S, steps: readonly Step[], does: string, name: string): AttackScenario;
}

/**
 * An attempt; that it hangs is a problem too. What took long is done again by processor time, since other processes
 * may have had the processor, and to ask for its time costs as much as a handshake on some machines.
 */
export function attemptInTime<S>(
  trials: Trials<S>,
  setting: S,
  given: readonly Step[],
  roll?: Draws,
): Attempt {
  const began = performance.now();
  const attempt = trials.attempt(setting, given, roll);
  if (attempt.problem !== undefined || performance.now() - began < patience) return attempt;
  const took = processorTime();
  trials.attempt(setting, attempt.steps);
  return took() < patience ? attempt : { ...attempt, problem: `hang: more than ${patience} ms` };
}

/** Takes steps away while the problem stays. */
export function shrink<S>(
  trials: Trials<S>,
  setting: S,
  { steps, problem: what = "" }: Attempt,
  number: number,
): Omit<SearchProblem, "handshake"> {
  const kind = what.split(":")[0];
  let smallest = steps;
  for (let index = smallest.length - 1; index >= 0; index--) {
    const fewer = smallest.toSpliced(index, 1);
    const { problem } = attemptInTime(trials, setting, fewer);
    if (problem?.split(":")[0] === kind) smallest = fewer;
  }
  return {
    what,
    steps: smallest.map(describeStep).join("; "),
    scenario: trials.scenarioOf(setting, smallest, what, `search-${number}`),
  };
}

/** Where handshakes are run one after the other. */
export class Bench implements Trials<Setting> {
  readonly choose = chooseSetting;
  readonly scenarioOf = scenarioOf;
  readonly provider: Provider;
  readonly #tried = new Tried();
  readonly #ends: SearchEnds;

  constructor(provider: Provider, ends = new SearchEnds(provider)) {
    this.provider = provider;
    this.#ends = ends;
  }

  attempt(setting: Setting, given: readonly Step[], roll?: Draws): Attempt {
    const plans = endsOfHandshake(setting);
    const secrets = setting.keys === "traffic" ? new Secrets() : undefined;
    const log = (end: Role) => secrets && ((line: string) => secrets.add(end, line));
    const psks = kindOf(setting).earlier ? this.#ends.sessionsOf(plans) : [];
    const ends: Ends = {
      client: this.#ends.client(plans.client, { psks, keyLog: log("client") }),
      server: this.#ends.server(plans.server, { keyLog: log("server") }),
    };
    const made: Step[] = [];
    // So much travels, of which about half belongs to the server's first flight
    let countdown = roll === undefined ? -1 : roll(setting.keys === "traffic" ? 13 : 8);
    const onPath = new OnPath({
      steps: given,
      secrets,
      provider: this.provider,
      improvise: (unit: Unit, nth: number) => {
        // Few records have less to change, and few are as frequent
        if (unit.name === "change_cipher_spec" && roll?.(4) !== 0) return [];
        if (roll === undefined || countdown-- !== 0) return [];
        const mutate = roll(3) === 0 ? changeRecords : mutateUnit;
        const step = mutate(unit, nth, roll, this.#tried);
        made.push(step);
        return [step];
      },
    });
    let problem: string | undefined;
    try {
      converse(ends, plans, onPath);
    } catch (error) {
      // What cannot be written down is not a handshake, and none of the engine's business
      if (!(error instanceof ScenarioError)) problem = `untyped error: ${String(error)}`;
    }
    const idle = onPath.unapplied;
    const applied = given.filter((step) => !idle.includes(describeStep(step)));
    problem ??= problemOf(ends, onPath, setting, [...applied, ...made]);
    return {
      steps: [...given, ...made],
      problem,
      outcome: endsOf.map((role) => describeEnd(ends[role])).join(" | "),
      codes: endsOf.map((role) => ends[role].error?.code ?? ends[role].state),
      ends,
    };
  }
}

/** What `kemistry attack` runs. */
export function scenarioOf(
  setting: Setting,
  steps: readonly Step[],
  does: string,
  name: string,
): AttackScenario {
  return {
    name,
    family: "policies",
    does,
    section: "",
    ...planOf(setting),
    keys: setting.keys,
    steps,
    expect: { client: "open", server: "open" },
  };
}

/** The handshake, and what both ends say once they may. */
export function converse(ends: Ends, plans: Both<EndPlan>, medium?: Medium): void {
  ends.server.start();
  ends.client.start();
  if (plans.client.earlyData !== undefined && ends.client.canWrite) {
    ends.client.write(messageOf.client);
  }
  let isSaid = false;
  const idle = (): boolean => {
    if (isSaid) return false;
    for (const role of endsOf) {
      const end = ends[role];
      if (end.state !== "open" || !end.canWrite) continue;
      const { updateKeys, records = 1, laterRequests = 0, close } = plans[role];
      const requests = role === "server" ? laterRequests : 0;
      for (let i = 0; i < requests; i++) askLater(end);
      if (updateKeys) end.updateKeys();
      for (let i = 0; i < records; i++) end.write(messageOf[role]);
      if (close) end.close();
    }
    return (isSaid = true);
  };
  pump(ends, { ...(medium && { medium }), idle, rounds: 400 });
}

/** Numbers in a path would make every place a new one. */
export function describeEnd({ error, state }: Connection): string {
  if (error === undefined) return state;
  const { where, received, section } = error.detail;
  const told = error.code === "peer_alert" ? received : "";
  const place = where?.replaceAll(/\d+/g, "#") ?? section ?? "";
  return `${error.code} ${told ?? ""} ${place} ${error.message.split(";")[0]?.replaceAll(/\d+/g, "#")}`;
}
