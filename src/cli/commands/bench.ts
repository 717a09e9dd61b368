import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { environment } from "../../../bench/environment.ts";
import { format } from "../../../bench/results.ts";
import type { NamedResult } from "../../../bench/suite.ts";
import { suites } from "../../../bench/suites.ts";
import { printEnvironment, printSuite } from "../bench/render.ts";
import { choose } from "../choose.ts";
import { wholeNumber } from "../options.ts";
import { print } from "../output.ts";

interface Options {
  readonly quick?: true;
  readonly seed: number;
  readonly json?: string;
}

export function define(command: Command): void {
  command
    .argument("[suites...]", `some of ${suites.map(({ name }) => name).join(", ")}; default: all`)
    .option("--quick", "fewer and shorter samples: for a first look, not for a claim")
    .option("--seed <n>", "of the order in a round, and of intervals", wholeNumber(0, 2 ** 31), 1)
    .option("--json <file>", "write all samples, with the environment")
    .action(act);
}

const thorough = { rounds: 30, sampleLength: 40, warmUp: 500, warmUpOperations: 400 };
const quickly = { rounds: 12, sampleLength: 15, warmUp: 200, warmUpOperations: 200 };

async function act(names: readonly string[], { quick, seed, json }: Options): Promise<void> {
  const chosen = names.length === 0 ? suites : names.map((name) => choose("suite", suites, name));
  const options = { ...(quick ? quickly : thorough), seed };
  const where = environment();
  print(`${printEnvironment(where)}\n`);
  const results: NamedResult[] = [];
  for (const { name, title, run } of chosen) {
    const result = { name, title, ...(await run(options)) };
    results.push(result);
    print(`${printSuite(result)}\n`);
    if (json === undefined) continue;
    const all = { format, environment: where, options, suites: results };
    writeFileSync(json, `${JSON.stringify(all)}\n`);
  }
}
