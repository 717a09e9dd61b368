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
import type { Role } from "../../schedule/index.ts";

export type OpensslCell = (OpensslResult & OpensslVerdict) | NotRun;

/** By OpenSSL's role. */
export type OpensslCells = Readonly<Record<Role, OpensslCell>>;

/** Scenarios that run at a time: they mostly wait. */
const atOnce = 8;

/** In the order of the scenarios. */
export async function attackWithOpenssl(
  program: string,
  scenarios: readonly AttackScenario[],
): Promise<OpensslCells[]> {
  const openssl = startOpenssl(program);
  const progress = new Progress(scenarios.length);
  const cells: OpensslCells[] = [];
  const queue = scenarios.entries();
  const work = async (): Promise<void> => {
    for (const [index, scenario] of queue) {
      progress.begin(`${scenario.name} with OpenSSL`);
      cells[index] = {
        client: await cellOf(openssl, scenario, "client"),
        server: await cellOf(openssl, scenario, "server"),
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
  openssl: Openssl,
  scenario: AttackScenario,
  role: Role,
): Promise<OpensslCell> {
  const result = await openssl.attack(scenario, role);
  return "notRun" in result ? result : { ...result, ...verdictOf(scenario, role, result) };
}
