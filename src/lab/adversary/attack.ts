/** Runs a scenario in memory, and says what came of it. */
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import { ScenarioError } from "./edit.ts";
import { judge } from "./judge.ts";
import { Laboratory, type ProviderMaker, standardEnds } from "./laboratory.ts";
import { Conversation, type ConversationTerms, type Onlookers } from "./conversation.ts";
import type { Role } from "../../schedule/index.ts";
import type { Plan } from "../plan/plan.ts";
import type { Trace } from "../trace/trace.ts";
import type { AttackRow, AttackScenario, EndReport } from "./scenario.ts";

/** With which providers and from which seed an attack or a plan is run, and who is told of it. */
export interface AttackOptions extends Onlookers {
  /** Makes the provider of an end, over a source of randomness that follows from the seed. */
  readonly makeProvider: ProviderMaker;
  /** Default: `kemistry`. */
  readonly seed?: string;
}

const checkOptions = check.complete(
  {
    makeProvider: check.callable,
    seed: check.text,
    tape: check.callable,
    keyLog: check.callable,
  } satisfies check.OptionTable<AttackOptions>,
  "write { makeProvider: createNoble }",
  ["makeProvider"],
);

/**
 * Runs a scenario against the engine in memory, and compares what happened with what it expects.
 *
 * @throws ScenarioError for what cannot be done, TypeError for options that cannot be
 */
export function runAttack(scenario: AttackScenario, options: AttackOptions): AttackRow {
  checkOptions(options, "runAttack");
  const { laboratory, attacked, before } = carryOut(scenario, options);
  const reports = { client: attacked.reportOf("client"), server: attacked.reportOf("server") };
  const honest = (): Conversation => runHonestly(scenario, options);
  const problems = judge(scenario, reports, { honest, before, attacked });
  const { name, family, does, section, expect: expected } = scenario;
  return {
    name,
    family,
    does,
    section,
    provider: laboratory.providerName,
    ...reports,
    expected,
    asPredicted: problems.length === 0,
    problems,
  };
}

/** What came of a plan: a report of each end, and the trace of what they sent. */
export interface PlanRun extends Readonly<Record<Role, EndReport>> {
  /** Of the last connection. */
  readonly trace: Trace;
}

/**
 * The connections of a plan, in memory, with the laboratory's certificates and nobody between the ends: the same bytes
 * for the same seed.
 * @throws ScenarioError for ends that cannot be, TypeError for options that cannot be
 */
export function runPlan(plan: Plan, options: AttackOptions): PlanRun {
  checkOptions(options, "runPlan");
  const expected = { client: "open", server: "open" };
  const rest = { family: "policies", does: "", section: "", steps: [], expect: expected } as const;
  const { attacked } = carryOut({ ...rest, ...plan }, options);
  const { trace } = attacked;
  return { client: attacked.reportOf("client"), server: attacked.reportOf("server"), trace };
}

/** The same ends, and nobody who does anything. */
export function runHonestly(
  scenario: AttackScenario,
  { makeProvider, seed }: Pick<AttackOptions, "makeProvider" | "seed">,
): Conversation {
  const harmless = { ...scenario, steps: [], replays: 0 };
  return carryOut(harmless, { makeProvider, ...(seed && { seed }) }).attacked;
}

/** Connections whose ClientHello the adversary takes away, and maybe answers. */
export function loseHellos(laboratory: Laboratory, onlookers: Onlookers, connection = 0): number {
  const hello = { from: "client", on: "client_hello" } as const;
  const { lost = [] } = laboratory.scenario;
  for (const { groups = standardEnds.groups!, times = 1, back = [] } of lost) {
    const steps = [
      ...(back.length > 0 ? [{ ...hello, back }] : []),
      { ...hello, drop: true as const },
    ];
    for (let i = 0; i < times; i++) {
      const terms = { laboratory, onlookers, steps, connection: connection++, earlier: { groups } };
      new Conversation(terms).run().giveUp();
    }
  }
  return connection;
}

interface CarriedOut {
  readonly laboratory: Laboratory;
  /** The connection that is attacked, or its last replay. */
  readonly attacked: Conversation;
  readonly before: Conversation | undefined;
}

function carryOut(scenario: AttackScenario, options: AttackOptions): CarriedOut {
  try {
    return meetInTurn(scenario, options);
  } catch (error) {
    // An end cannot be what it is to be, or the attacker cannot do what it is to do
    const isTheirs = error instanceof ScenarioError || error instanceof TlsError;
    if (!isTheirs && !(error instanceof RangeError)) throw error;
    throw new ScenarioError(`${scenario.name}: ${error.message}`);
  }
}

function meetInTurn(scenario: AttackScenario, options: AttackOptions): CarriedOut {
  const laboratory = new Laboratory(scenario, options.makeProvider, options.seed ?? "kemistry");
  const { earlier, replays = 0 } = scenario;
  let connection = 0;
  const meet = (terms: Pick<ConversationTerms, "steps" | "before" | "earlier">) =>
    new Conversation({ laboratory, onlookers: options, connection: connection++, ...terms });

  const before = earlier && meet({ steps: [], earlier }).run();
  if (before?.isOpen === false) {
    throw new ScenarioError(`the earlier connection failed: ${before.failure}`);
  }
  connection = loseHellos(laboratory, options, connection);
  let attacked = meet({ steps: scenario.steps, before }).run();
  const { unapplied, malicious } = attacked;
  if (malicious?.refusal !== undefined) throw malicious.refusal;
  if (unapplied.length > 0) {
    throw new ScenarioError(`nothing came to apply this to: ${unapplied.join("; ")}`);
  }
  if (scenario.replayTo !== undefined) laboratory.useServer(scenario.replayTo);
  for (let i = 0; i < replays; i++) attacked = meet({ steps: [], before: attacked }).replay();
  return { laboratory, attacked, before };
}
