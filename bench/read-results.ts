import * as z from "zod/mini";
import { readJson } from "../src/registry/json.ts";
import { format, type Results, type SuiteResult } from "./results.ts";

/**
 * What is not known here is ignored: later versions may say more.
 * @throws Error with one line that says what is wrong with the file, and where in it
 */
export function readResults(text: string): Results {
  const results = readJson(text, shape, (reason) => new Error(reason));
  for (const [at, suite] of results.suites.entries()) checkNames(suite, `suites[${at}]`);
  return results;
}

/** The JSON Schema (draft 2020-12) of what {@link readResults} takes. */
export function resultsSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(shape, { io: "input" });
  return {
    $schema,
    title: "Results of kemistry bench",
    description: "What each member means, and its unit, stands in results.ts beside this file.",
    ...schema,
  };
}

const text = z.string();
const number = z.number();
const optional = z.exactOptional;
const dimensions = z.record(text, text);

const goal = z.union([z.object({ atMost: number }), z.object({ atLeast: number })]);

const measurement = z.object({
  name: text,
  dimensions,
  bytes: optional(number),
  processes: z.array(
    z.object({
      batch: number,
      cpu: z.array(number),
      wall: z.array(number),
      warmUp: optional(z.object({ operations: number, settled: z.boolean() })),
    }),
  ),
});

const ratio = z.object({
  name: text,
  dimensions,
  numerator: text,
  denominator: text,
  value: number,
  low: number,
  high: number,
  p: number,
  pAdjusted: number,
  settled: z.boolean(),
  goal: optional(goal),
  noise: optional(text),
});

const figure = z.object({
  name: text,
  dimensions,
  value: number,
  unit: text,
  goal: optional(goal),
});

const suite = z.object({
  name: text,
  title: text,
  seconds: number,
  measurements: z.array(measurement),
  ratios: z.array(ratio),
  figures: z.array(figure),
  notes: z.array(text),
});

const environment = z.object({
  date: text,
  cpu: text,
  cores: number,
  memory: text,
  platform: text,
  node: text,
  openssl: text,
  v8: text,
  load: number,
  governor: optional(text),
  megahertz: optional(number),
  version: text,
  commit: optional(text),
  packages: z.record(text, text),
  slots: z.record(text, z.record(text, text)),
});

const options = z.object({
  profile: z.enum(["quick", "default", "full"]),
  seed: number,
  suites: z.array(text),
  providers: z.array(text),
  groups: optional(z.array(text)),
  signatures: optional(z.array(text)),
  cipherSuites: optional(z.array(text)),
  modes: optional(z.array(text)),
  tails: optional(z.literal(true)),
  filter: optional(text),
  processes: number,
  rounds: z.object({ least: number, most: number }),
  sampleLength: number,
});

const shape: z.ZodMiniType<Results> = z.object({
  format: z.literal(format),
  environment,
  options,
  complete: z.boolean(),
  suites: z.array(suite),
});

/** What a schema cannot say: a ratio is of measurements that are there, and names are names of one thing. */
function checkNames({ measurements, ratios, figures }: SuiteResult, path: string): void {
  const names = new Set(measurements.map(({ name }) => name));
  if (names.size < measurements.length || new Set(figures.map((f) => f.name)).size < figures.length)
    throw new Error(`${path} has two entries of one name`);
  for (const [at, { numerator, denominator }] of ratios.entries()) {
    const unknown = [numerator, denominator].find((name) => !names.has(name));
    if (unknown !== undefined) {
      throw new Error(`${path}.ratios[${at}] is of ${unknown}, which was not measured`);
    }
  }
}
