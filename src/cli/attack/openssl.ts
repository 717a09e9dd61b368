/** The catalogue with OpenSSL as either end. */
import {
  type AttackScenario,
  type NotRun,
  type Openssl,
  type OpensslResult,
  type OpensslVerdict,
  startOpenssl,
  verdictOf,
} from "../../lab/adversary/index.ts";
import { Progress } from "../progress.ts";
import type { Trace } from "../../lab/trace/index.ts";
import type { Role } from "../../schedule/index.ts";

export type OpensslCell = (OpensslResult & OpensslVerdict) | NotRun;

/** By OpenSSL's role. */
export type OpensslCells = Readonly<Record<Role, OpensslCell>>;

/** Scenarios that run at a time: they mostly wait. */
const atOnce = 8;

/** In the order of the scenarios. @param watch is given the trace of each connection, once it is over */
export async function attackWithOpenssl(
  program: string,
  scenarios: readonly AttackScenario[],
  watch: (trace: Trace) => void,
): Promise<OpensslCells[]> {
  const openssl = startOpenssl(program);
  const progress = new Progress(scenarios.length);
  const cells: OpensslCells[] = [];
  const queue = scenarios.entries();
  const work = async (): Promise<void> => {
    for (const [index, scenario] of queue) {
      progress.begin(`${scenario.name} with OpenSSL`);
      cells[index] = {
        client: await cellOf({ openssl, watch }, scenario, "client"),
        server: await cellOf({ openssl, watch }, scenario, "server"),
      };
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    progress.clear();
    openssl.stop();
  }
  return cells;
}

async function cellOf(
  { openssl, watch }: { readonly openssl: Openssl; readonly watch: (trace: Trace) => void },
  scenario: AttackScenario,
  role: Role,
): Promise<OpensslCell> {
  const result = await openssl.attack(scenario, role, watch);
  return "notRun" in result ? result : { ...result, ...verdictOf(scenario, role, result) };
}
