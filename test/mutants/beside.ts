/**
 * Mutated handshakes, each twice: with two right ends, and with one that has the fault. Two ends that make the same mistake
 * understand each other; beside a right one the mistake shows.
 */
import { agreedBy } from "../../src/lab/adversary/agreement.ts";
import type { MaliciousSetting } from "../../src/lab/adversary/malicious-trial.ts";
import type { Draws } from "../../src/lab/adversary/mutate.ts";
import type { Adversary } from "../../src/lab/adversary/search.ts";
import { endsOf } from "../../src/lab/adversary/scenario.ts";
import { describeStep, type Step } from "../../src/lab/adversary/step.ts";
import type { Attempt, Setting } from "../../src/lab/adversary/trial.ts";
import { otherRole, type Role } from "../../src/schedule/index.ts";
import { equal, toHex } from "../../src/wire/index.ts";
import * as faulty from "./engine.ts";

type Engine = typeof faulty;

type AnySetting = Setting | MaliciousSetting;

/** Either kind of bench. */
interface Handshakes {
  choose(roll: Draws): AnySetting;
  attempt(setting: Setting & MaliciousSetting, given: readonly Step[], roll?: Draws): Attempt;
}

/** A mutated handshake of two right ends, and what it comes to: the same beside every fault. */
export interface Recorded {
  /** Of those of its adversary, from 1. */
  readonly number: number;
  readonly setting: AnySetting;
  readonly steps: readonly Step[];
  readonly expected: string;
}

export type RecordedHandshakes = Readonly<Record<Adversary, readonly Recorded[]>>;

/** As a search begins with this seed. */
export function recordHandshakes(
  right: Engine,
  { seed, handshakes }: { seed: string; handshakes: Readonly<Record<Adversary, number>> },
): RecordedHandshakes {
  const recorded = (adversary: Adversary): Recorded[] => {
    const bench = benchOf(right, adversary);
    const roll = right.seededDraws(seed);
    return Array.from({ length: handshakes[adversary] }, (_, index) => {
      const setting = bench.choose(roll);
      const attempt = bench.attempt(setting as Setting & MaliciousSetting, [], roll);
      return { number: index + 1, setting, steps: attempt.steps, expected: comesTo(attempt) };
    });
  };
  return { "on-path": recorded("on-path"), "malicious-peer": recorded("malicious-peer") };
}

/** Who may have the fault: either end, or the one that is not malicious. */
export const faultyRolesOf = (setting: AnySetting): readonly Role[] =>
  "malicious" in setting ? [otherRole(setting.malicious)] : endsOf;

/** Ends that stay the same from handshake to handshake: right ones, and right ones beside one with the fault. */
export class Besides {
  readonly #right: Engine;
  readonly #benches = new Map<string, Handshakes>();

  constructor(right: Engine) {
    this.#right = right;
    // An error of either is one for both
    if (faulty.TlsError !== right.TlsError) {
      Object.setPrototypeOf(faulty.TlsError.prototype, right.TlsError.prototype);
    }
  }

  /** @returns the first of these that comes to something else where the end of this role has the fault, in words */
  firstDifference(
    adversary: Adversary,
    recorded: readonly Recorded[],
    role: Role,
  ): string | undefined {
    const bench = this.#bench(adversary);
    const beside = this.#bench(adversary, role);
    for (const { number, setting, steps, expected } of recorded) {
      const run = (each: Handshakes) => attemptIn(each, setting, steps);
      if (run(beside) === expected) continue;
      // Keys are fresh in each: what a bit of them comes to may be chance
      const isChance = [1, 2, 3].some(() => run(bench) !== expected || run(beside) === expected);
      if (isChance) continue;
      const what = steps.map(describeStep).join("; ") || "nothing changed";
      return `the ${role} differs from a right one: ${what} (handshake ${number}, ${setting.kind})`;
    }
    return undefined;
  }

  #bench(adversary: Adversary, role?: Role): Handshakes {
    const name = `${adversary} ${role}`;
    const known = this.#benches.get(name);
    if (known !== undefined) return known;
    const made = benchOf(this.#right, adversary, role && endsWithFault(this.#right, role));
    this.#benches.set(name, made);
    return made;
  }
}

type SearchEnds = InstanceType<Engine["SearchEnds"]>;

function benchOf(right: Engine, adversary: Adversary, ends?: SearchEnds): Handshakes {
  const Kind = adversary === "malicious-peer" ? right.MaliciousBench : right.Bench;
  return new Kind(right.createNative(), ends);
}

function attemptIn(bench: Handshakes, setting: AnySetting, steps: readonly Step[]): string {
  try {
    return comesTo(bench.attempt(setting as Setting & MaliciousSetting, steps));
  } catch (error) {
    return String(error);
  }
}

/** The ends of a search; those of this role have the fault. */
function endsWithFault(right: Engine, role: Role): SearchEnds {
  const own = new faulty.SearchEnds(faulty.createNative());
  const ends = new right.SearchEnds(right.createNative());
  return role === "client"
    ? Object.assign(ends, { client: own.client.bind(own) })
    : Object.assign(ends, { server: own.server.bind(own) });
}

/** How both ends came out of it, and what they heard. */
const comesTo = ({ ends, problem, outcome }: Attempt): string =>
  JSON.stringify([
    problem,
    outcome,
    ...endsOf.map((role) => [
      agreedBy(ends[role]),
      ends[role]
        .takeEvents()
        .map((event) => (event.type === "data" ? toHex(event.data) : event.type)),
    ]),
    exportAlike(ends),
  ]);

function exportAlike({ client, server }: Attempt["ends"]): boolean | undefined {
  if (client.state !== "open" || server.state !== "open") return undefined;
  const [one, other] = [client, server].map((end) =>
    end.exportKeyingMaterial("EXPORTER-search", new Uint8Array(), 32),
  );
  return equal(one!, other!);
}
