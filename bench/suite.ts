import { holm, ratioOf } from "../src/statistics/index.ts";
import { noiseIn } from "./goals.ts";
import { type Candidate, type Control, measure } from "./measure.ts";
import type {
  Dimensions,
  Figure,
  Goal,
  Measurement,
  Ratio,
  RunOptions,
  SuiteResult,
} from "./results.ts";
import { cpuByProcess, isSettled } from "./samples.ts";

/** What one run of a suite, in one process, finds out. */
export interface Findings extends Pick<SuiteResult, "measurements" | "figures" | "notes"> {
  /** What is to be compared, once all processes have measured. */
  readonly comparisons: readonly Comparison[];
}

/** A suite's module exports one. */
export interface Suite {
  run(context: Context): Promise<Findings>;
}

/** What a suite is told. */
export interface Context extends Control {
  readonly options: RunOptions;
  /** Seconds that it may take, about. */
  readonly budget: number;
  /** Whether the user wants to know about something; `also` are words under which it is found too. */
  wants(what: Named, ...also: readonly string[]): boolean;
}

export interface Named {
  readonly name: string;
  readonly dimensions: Dimensions;
}

/** What a suite asks: how many times one candidate's cost is another's. */
export interface Comparison extends Named {
  /** Name of a candidate, as is the denominator. */
  readonly numerator: string;
  readonly denominator: string;
  readonly goal?: Goal;
}

export interface Plan {
  readonly candidates: readonly Candidate[];
  readonly comparisons?: readonly Comparison[];
  readonly notes?: readonly string[];
}

/** Measures the candidates of a plan that are wanted. */
export async function carryOut(plan: Plan, context: Context): Promise<Findings> {
  const { candidates, comparisons } = wantedOf(plan, context);
  if (candidates.length === 0) return onlyFigures([]);
  const { rounds, sampleLength, seed } = context.options;
  const effort = { budget: context.budget, rounds, sampleLength, seed };
  const { measurements, notes } = await measure(candidates, effort, context);
  return {
    measurements,
    comparisons,
    figures: [],
    notes: [...(plan.notes ?? []), ...notes],
  };
}

/** Only what is wanted, and what it is compared with. */
function wantedOf(plan: Plan, context: Context): Required<Omit<Plan, "notes">> {
  const { candidates, comparisons = [] } = plan;
  const comparing = (name: string): string[] =>
    comparisons
      .filter(({ numerator, denominator }) => [numerator, denominator].includes(name))
      .map((comparison) => comparison.name);
  const wanted = new Set(
    candidates
      .filter((candidate) => !candidate.isReference)
      .filter((candidate) => context.wants(candidate, ...comparing(candidate.name)))
      .map(({ name }) => name),
  );
  const references = new Set(
    candidates.filter(({ isReference }) => isReference).map(({ name }) => name),
  );
  const kept = comparisons.filter(({ numerator, denominator }) => {
    const ends = [numerator, denominator];
    return (
      ends.some((name) => wanted.has(name)) &&
      ends.every((name) => wanted.has(name) || references.has(name))
    );
  });
  const needed = new Set([
    ...wanted,
    ...kept.flatMap(({ numerator, denominator }) => [numerator, denominator]),
  ]);
  return { candidates: candidates.filter(({ name }) => needed.has(name)), comparisons: kept };
}

/** Puts together what processes found, one after the other. */
export function merge(all: readonly Findings[]): Omit<SuiteResult, "name" | "title" | "seconds"> {
  const measurements = new Map<string, Measurement>();
  for (const measurement of all.flatMap((findings) => findings.measurements)) {
    const before = measurements.get(measurement.name)?.processes ?? [];
    const processes = [...before, ...measurement.processes];
    measurements.set(measurement.name, { ...measurement, processes });
  }
  const merged = [...measurements.values()];
  const [first] = all;
  return {
    measurements: merged,
    ratios: compare(merged, first?.comparisons ?? []),
    figures: first?.figures ?? [],
    notes: [...new Set(all.flatMap(({ notes }) => notes))],
  };
}

/** The ratios of all comparisons that two processes or more have measured, as one family of tests. */
export function compare(
  measurements: readonly Measurement[],
  comparisons: readonly Comparison[],
): Ratio[] {
  const named = new Map(measurements.map((measurement) => [measurement.name, measurement]));
  const tested = comparisons.flatMap((comparison) => {
    const ends = [comparison.numerator, comparison.denominator].map((name) => named.get(name));
    const [numerator, denominator] = ends;
    if (numerator === undefined || denominator === undefined) return [];
    if ([numerator, denominator].some(({ processes }) => processes.length < 2)) return [];
    const estimate = ratioOf(cpuByProcess(numerator), cpuByProcess(denominator));
    return [
      { ...comparison, ...estimate, settled: isSettled(numerator) && isSettled(denominator) },
    ];
  });
  const adjusted = holm(tested.map(({ p }) => p));
  return tested.map((ratio, index) => {
    const noise = noiseIn(ratio);
    const pAdjusted = adjusted[index] ?? 1;
    return { ...ratio, pAdjusted, ...(noise === undefined ? {} : { noise }) };
  });
}

/** Findings of a suite that only counts or weighs. */
export const onlyFigures = (
  figures: readonly Figure[],
  notes: readonly string[] = [],
): Findings => ({
  measurements: [],
  comparisons: [],
  figures,
  notes,
});
