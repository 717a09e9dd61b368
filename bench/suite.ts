import { type Candidate, measure, type MeasureOptions, type Measurement } from "./measure.ts";
import { type Estimate, ratioOf } from "./statistics.ts";

/** What a figure should be. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** What a suite asks: how many times one candidate's cost is another's. */
export interface Comparison {
  readonly name: string;
  /** Name of a candidate, as is the denominator. */
  readonly numerator: string;
  readonly denominator: string;
  readonly goal?: Goal;
}

export interface Ratio extends Comparison, Estimate {}

/** A quantity that is no time: counted or weighed, and the same each time. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: Goal;
}

export interface SuiteResult {
  readonly measurements: readonly Measurement[];
  readonly ratios: readonly Ratio[];
  readonly figures: readonly Figure[];
  /** What does not apply on this Node, and why. */
  readonly notes: readonly string[];
}

export interface NamedResult extends SuiteResult {
  readonly name: string;
  readonly title: string;
}

export interface Suite {
  readonly name: string;
  readonly title: string;
  run(options: MeasureOptions): Promise<SuiteResult>;
}

export interface Plan {
  readonly candidates: readonly Candidate[];
  readonly comparisons?: readonly Comparison[];
  readonly notes?: readonly string[];
}

/** Measures a plan's candidates against each other. */
export async function carryOut(plan: Plan, options: MeasureOptions): Promise<SuiteResult> {
  const { candidates, comparisons = [], notes = [] } = plan;
  const measurements = await measure(candidates, options);
  const cpuOf = (name: string): readonly number[] => {
    const found = measurements.find((measurement) => measurement.name === name);
    if (found === undefined) throw new RangeError(`there is no candidate ${name}`);
    return found.cpu;
  };
  const ratios = comparisons.map((comparison): Ratio => ({
    ...comparison,
    ...ratioOf(cpuOf(comparison.numerator), cpuOf(comparison.denominator), options.seed),
  }));
  return { measurements, ratios, figures: [], notes };
}
