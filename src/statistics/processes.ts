/**
 * Costs from several processes. Samples of one process are not independent: code is laid out and compiled
 * anew in each, and neighbours in time resemble each other. So a process counts as one observation, by the
 * lower quartile of its samples; intervals and tests are Student's, on logarithms, over processes. They need
 * at least two of them.
 */
import { lowerQuartile } from "./quantiles.ts";
import { tQuantile, tTail } from "./student.ts";

/** Samples of one thing, by process, in the order in which they were taken. */
export type ByProcess = readonly (readonly number[])[];

export interface Estimate {
  readonly value: number;
  /** 95 %; 0 and infinity where there is but one process, which says nothing of others. */
  readonly low: number;
  readonly high: number;
}

export interface RatioEstimate extends Estimate {
  /** How likely a ratio so far from 1 is if both cost the same, two-sided. */
  readonly p: number;
}

/** What it costs: the geometric mean over processes. */
export function costOf(samples: ByProcess): Estimate {
  const { mean, error, degrees } = momentsOf(logCosts(samples));
  return estimate(mean, error, degrees);
}

/**
 * How many times the numerator's cost is the denominator's. Both were measured in the same processes, in
 * turns, so each process gives a ratio: a paired t test.
 */
export function ratioOf(numerator: ByProcess, denominator: ByProcess): RatioEstimate {
  const below = logCosts(denominator);
  const differences = logCosts(numerator)
    .slice(0, below.length)
    .map((cost, at) => cost - below[at]!);
  return tested(momentsOf(differences));
}

/** As {@link ratioOf}, of two runs that know nothing of each other: Welch's t test. */
export function ratioBetween(numerator: ByProcess, denominator: ByProcess): RatioEstimate {
  const [above, below] = [momentsOf(logCosts(numerator)), momentsOf(logCosts(denominator))];
  const [a, b] = [above.error ** 2, below.error ** 2];
  const degrees = (a + b) ** 2 / (a ** 2 / above.degrees + b ** 2 / below.degrees);
  return tested({
    mean: above.mean - below.mean,
    error: Math.sqrt(a + b),
    // Both without any spread
    degrees: a + b === 0 ? Math.min(above.degrees, below.degrees) : degrees,
  });
}

interface Moments {
  readonly mean: number;
  /** Standard error of the mean. */
  readonly error: number;
  /** Degrees of freedom. */
  readonly degrees: number;
}

const logCosts = (samples: ByProcess): number[] =>
  samples.map((ofProcess) => Math.log(lowerQuartile(ofProcess)));

function momentsOf(values: readonly number[]): Moments {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (count - 1) / count), degrees: count - 1 };
}

function tested({ mean, error, degrees }: Moments): RatioEstimate {
  const p =
    degrees < 1 || Number.isNaN(degrees) ? 1 : mean === 0 ? 1 : tTail(mean / error, degrees);
  return { ...estimate(mean, error, degrees), p };
}

function estimate(mean: number, error: number, degrees: number): Estimate {
  const value = Math.exp(mean);
  // One process: nothing is known of the spread
  if (!(degrees >= 1)) return { value, low: 0, high: Number.POSITIVE_INFINITY };
  const reach = tQuantile(0.95, degrees) * error;
  return { value, low: Math.exp(mean - reach), high: Math.exp(mean + reach) };
}
