/** `npm run bench [-- suite …] [--quick] [--seed N] [--json FILE]` */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { environment } from "./environment.ts";
import type { MeasureOptions } from "./measure.ts";
import { printEnvironment, printSuite } from "./print.ts";
import { format } from "./results.ts";
import type { NamedResult, Suite } from "./suite.ts";
import { bulk } from "./suites/bulk.ts";
import { chains } from "./suites/chains.ts";
import { floor } from "./suites/floor.ts";
import { handshakes } from "./suites/handshake.ts";
import { many } from "./suites/many.ts";
import { memory } from "./suites/memory.ts";
import { peers } from "./suites/peers.ts";
import { records } from "./suites/records.ts";

const suites: readonly Suite[] = [floor, peers, bulk, memory, many, handshakes, records, chains];

const help = `\
npm run bench [-- suite …] [--quick] [--seed N] [--json FILE]

Suites: ${suites.map(({ name }) => name).join(", ")}. Default: all.
  --quick      fewer and shorter samples: for a first look, not for a claim
  --seed N     of the order in a round and of the intervals. Default: 1
  --json FILE  writes all samples, with the environment`;

const full = { rounds: 30, sampleLength: 40, warmUp: 500, warmUpOperations: 400 };
const quick = { rounds: 12, sampleLength: 15, warmUp: 200, warmUpOperations: 200 };

async function main(): Promise<number> {
  const given = readArguments();
  if (typeof given === "string") {
    console.error(given);
    return 2;
  }
  if (given.help) {
    console.log(help);
    return 0;
  }
  const where = environment();
  console.log(`${printEnvironment(where)}\n`);
  const results: NamedResult[] = [];
  for (const { name, title, run } of given.suites) {
    const result = { name, title, ...(await run(given.options)) };
    results.push(result);
    console.log(`${printSuite(result)}\n`);
    // After each suite: what was measured is not lost if a later one fails
    if (given.json !== undefined) {
      const all = { format, environment: where, options: given.options, suites: results };
      writeFileSync(given.json, `${JSON.stringify(all, rounded)}\n`);
    }
  }
  return 0;
}

/** Samples to a nanosecond. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toFixed(3)) : value;

interface Arguments {
  readonly help: boolean;
  readonly suites: readonly Suite[];
  readonly options: MeasureOptions;
  readonly json: string | undefined;
}

/** A line that says what is wrong, for arguments that are. */
function readArguments(): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        seed: { type: "string", default: "1" },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    const unknown = positionals.filter((name) => !suites.some((suite) => suite.name === name));
    if (unknown.length > 0) {
      const known = suites.map(({ name }) => name).join(", ");
      return `there is no suite ${unknown.join(", ")}; there are ${known}`;
    }
    const seed = Number(values.seed);
    if (!Number.isSafeInteger(seed)) return `--seed takes an integer, not ${values.seed}`;
    return {
      help: values.help,
      suites:
        positionals.length === 0 ? suites : suites.filter(({ name }) => positionals.includes(name)),
      options: { ...(values.quick ? quick : full), seed },
      json: values.json,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

process.exitCode = await main();
