import {
  type Dimensions,
  type Environment,
  type Figure,
  format,
  type Goal,
  type Measurement,
  type Ratio,
  type Results,
  type RunOptions,
  type Samples,
  type SuiteResult,
  type WarmUp,
} from "./results.ts";
import {
  boolean,
  either,
  list,
  number,
  object,
  oneOf,
  optional,
  record,
  type Shape,
  string,
} from "./shape.ts";

/** @throws Error with one line that says what is wrong with the file, and where in it */
export function readResults(text: string): Results {
  const results = shape.read(parse(text), "");
  for (const [at, suite] of results.suites.entries()) checkNames(suite, `suites[${at}]`);
  return results;
}

/** The JSON Schema (draft 2020-12) of what {@link readResults} takes. */
export const resultsSchema = (): Readonly<Record<string, unknown>> => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Results of kemistry bench",
  description: "What each member means, and its unit, stands in results.ts beside this file.",
  ...shape.schema,
});

const dimensions: Shape<Dimensions> = record(string);

const goal: Shape<Goal> = either(
  "a goal, { atMost } or { atLeast }",
  object<{ readonly atMost: number }>({ atMost: number }),
  object<{ readonly atLeast: number }>({ atLeast: number }),
);

const measurement = object<Measurement>({
  name: string,
  dimensions,
  bytes: optional(number),
  processes: list(
    object<Samples>({
      batch: number,
      cpu: list(number),
      wall: list(number),
      warmUp: optional(object<WarmUp>({ operations: number, settled: boolean })),
    }),
  ),
});

const ratio = object<Ratio>({
  name: string,
  dimensions,
  numerator: string,
  denominator: string,
  value: number,
  low: number,
  high: number,
  p: number,
  pAdjusted: number,
  settled: boolean,
  goal: optional(goal),
  noise: optional(string),
});

const figure = object<Figure>({
  name: string,
  dimensions,
  value: number,
  unit: string,
  goal: optional(goal),
});

const suite = object<SuiteResult>({
  name: string,
  title: string,
  seconds: number,
  measurements: list(measurement),
  ratios: list(ratio),
  figures: list(figure),
  notes: list(string),
});

const environment = object<Environment>({
  date: string,
  cpu: string,
  cores: number,
  memory: string,
  platform: string,
  node: string,
  openssl: string,
  v8: string,
  load: number,
  version: string,
  commit: optional(string),
  packages: record(string),
  slots: record(record(string)),
});

const options = object<RunOptions>({
  profile: oneOf("quick", "default", "full"),
  seed: number,
  suites: list(string),
  providers: list(string),
  groups: optional(list(string)),
  filter: optional(string),
  processes: number,
  rounds: object<RunOptions["rounds"]>({ least: number, most: number }),
  sampleLength: number,
});

const shape = object<Results>({
  format: oneOf(format),
  environment,
  options,
  complete: boolean,
  suites: list(suite),
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`not JSON, or cut short: ${reason}`, { cause: error });
  }
}

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
