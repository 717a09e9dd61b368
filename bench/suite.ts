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
import { holm, rankSumTest } from "./significance.ts";
import { ratioOf } from "./statistics.ts";

/** What a suite finds out. */
export type Findings = Pick<SuiteResult, "measurements" | "ratios" | "figures" | "notes">;

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

/** Measures the candidates of a plan that are wanted, and compares them. */
export async function carryOut(plan: Plan, context: Context): Promise<Findings> {
  const { candidates, comparisons } = wantedOf(plan, context);
  if (candidates.length === 0) return { measurements: [], ratios: [], figures: [], notes: [] };
  const { rounds, sampleLength, seed } = context.options;
  const effort = { budget: context.budget, rounds, sampleLength, seed };
  const { measurements, notes } = await measure(candidates, effort, context);
  return {
    measurements,
    ratios: compare(measurements, comparisons, seed),
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

/** The ratios of all comparisons whose both ends were measured, as one family of tests. */
export function compare(
  measurements: readonly Measurement[],
  comparisons: readonly Comparison[],
  seed: number,
): Ratio[] {
  const cpuOf = new Map(measurements.map(({ name, cpu }) => [name, cpu]));
  const tested = comparisons.flatMap((comparison) => {
    const numerator = cpuOf.get(comparison.numerator);
    const denominator = cpuOf.get(comparison.denominator);
    if (numerator === undefined || denominator === undefined) return [];
    const estimate = ratioOf(numerator, denominator, seed);
    return [{ ...comparison, ...estimate, p: rankSumTest(numerator, denominator) }];
  });
  const adjusted = holm(tested.map(({ p }) => p));
  return tested.map((ratio, index) => {
    const noise = noiseIn(ratio);
    const pAdjusted = adjusted[index] ?? 1;
    return { ...ratio, pAdjusted, ...(noise === undefined ? {} : { noise }) };
  });
}

/** Says so where the interval is too wide for what was asked. */
function noiseIn({ low, high, goal }: Pick<Ratio, "low" | "high" | "goal">): string | undefined {
  const asked = goal === undefined ? 1 : "atMost" in goal ? goal.atMost : goal.atLeast;
  if (asked < low || asked > high) return undefined;
  return goal === undefined
    ? "the interval holds 1: no difference was seen through the noise"
    : `the interval holds the goal of ${asked}: the noise is larger than the distance from it`;
}

/** Findings of a suite that only counts or weighs. */
export const onlyFigures = (
  figures: readonly Figure[],
  notes: readonly string[] = [],
): Findings => ({
  measurements: [],
  ratios: [],
  figures,
  notes,
});
