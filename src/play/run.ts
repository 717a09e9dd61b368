/** Runs an experiment, and explains what came of it. */
import { createNoble, isKemKeyType } from "../crypto/index.ts";
import { runAttack } from "../lab/adversary/attack.ts";
import { readScenario } from "../lab/adversary/read-scenario.ts";
import {
  type AttackRow,
  type AttackScenario,
  type EndReport,
  expectationOf,
} from "../lab/adversary/scenario.ts";
import { TraceCollector } from "../lab/adversary/tape-traces.ts";
import { type SecretOf, watchMaker } from "../lab/explained/exchange.ts";
import { type Explained, explainLast } from "../lab/explained/explain.ts";
import { explainedHtml } from "../lab/explained/page/page.ts";
import type { Experiment } from "./address.ts";
import type { Trace } from "../lab/trace/trace.ts";
import type { FlightSize, Ran, Verdict } from "./protocol.ts";

/** @throws ScenarioError that says what cannot be */
export async function runExperiment(experiment: Experiment): Promise<Ran> {
  const isAttack = experiment.attack !== "";
  const scenario = isAttack ? await named(experiment.attack) : scenarioOf(experiment);
  const { row, traces, secretOf } = watch(scenario);
  const explained = explainLast(traces, {
    secretOf,
    ends: { client: row.client, server: row.server },
  });
  return {
    html: explainedHtml(explained).text,
    says: `Client: ${saidBy(row.client)}. Server: ${saidBy(row.server)}.`,
    flights: flightsOf(explained),
    verdict: isAttack ? verdictOf(row) : null,
  };
}

const flightsOf = ({ flights }: Explained): FlightSize[] =>
  flights.map(({ from, bytes, at }, index) => ({
    from,
    bytes,
    cpu: Math.max(0, at - (flights[index - 1]?.until ?? at)),
  }));

/** Runs a scenario of the catalogue as it stands. @throws RangeError for a name that is not there */
export const judgeScenario = async (name: string): Promise<Verdict> =>
  verdictOf(watch(await named(name)).row);

/** It is large, and most visitors come for something else. */
export const loadCatalogue = async (): Promise<readonly AttackScenario[]> =>
  (await import("../lab/adversary/catalogue/index.ts")).catalogue;

function verdictOf({ name, asPredicted, client, server, expected, problems }: AttackRow): Verdict {
  const of = (role: "client" | "server"): string =>
    expectationOf({ expect: expected } as AttackScenario, role).outcome;
  return {
    name,
    asPredicted,
    client: saidBy(client),
    server: saidBy(server),
    predicted: `client: ${of("client")}, server: ${of("server")}`,
    problems,
  };
}

async function named(name: string): Promise<AttackScenario> {
  const scenario = (await loadCatalogue()).find((each) => each.name === name);
  if (scenario === undefined) throw new RangeError(`the catalogue has no ${name}`);
  return scenario;
}

/** The engine's own reader of scenarios checks it: an address may say anything. */
function scenarioOf(experiment: Experiment): AttackScenario {
  const { groups, shares, serverGroups, suites, signatures, credential, chain } = experiment;
  const { mutual, resume, earlyData } = experiment;
  return readScenario({
    name: "playground",
    keys: "traffic",
    both: {
      suites,
      ...(earlyData && { earlyData: 1000 }),
      ...(isKemKeyType(chain[0] ?? "") && { authKem: true }),
    },
    client: {
      groups,
      ...(shares.length > 0 && { shares }),
      ...(signatures.length > 0 && { schemes: signatures }),
    },
    server: {
      groups: serverGroups,
      ...(chain.length === 0 ? { credential } : { chain }),
      clientAuthentication: mutual ? "require" : "none",
      tickets: resume || earlyData,
    },
    ...((resume || earlyData) && { earlier: true }),
    steps: experiment.steps,
  });
}

interface Watched {
  readonly row: AttackRow;
  /** In order: the last is the attacked connection, or its last replay. */
  readonly traces: readonly Trace[];
  readonly secretOf: SecretOf;
}

function watch(scenario: AttackScenario): Watched {
  const { makeProvider, secretOf } = watchMaker(createNoble);
  const collector = new TraceCollector();
  /** When the first bytes of each connection travelled: making certificates is none of its time. */
  const began = new Map<number, number>();
  const since = (connection: number): number => {
    const now = performance.now();
    if (!began.has(connection)) began.set(connection, now);
    return now - (began.get(connection) ?? now);
  };
  const row = runAttack(scenario, {
    makeProvider,
    tape: (transfer) => collector.transfer(transfer, since(transfer.connection)),
    keyLog: (end, line, connection) => collector.secret(end, line, connection),
  });
  return { row, traces: collector.traces, secretOf };
}

const saidBy = ({ outcome, section, where }: EndReport): string =>
  `${outcome}${where === null ? "" : ` at ${where}`}${section === null ? "" : ` (${section})`}`;
