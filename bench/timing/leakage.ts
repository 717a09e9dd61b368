/**
 * Whether the time of an operation tells two classes of input apart, after Reparaz, Balasch and Verbauwhede,
 * "Dude, is my code constant time?" (2017). Samples of both classes are taken in random order. If their means
 * differ by more than chance, time depends on the class. The reverse does not hold: what was not seen with
 * these inputs, on this machine, may be there.
 */
import { quantile, random } from "../../src/statistics/index.ts";

/** One question: an operation, and two classes of input. */
export interface TimingTest {
  readonly name: string;
  /** What each class is. */
  readonly classes: readonly [string, string];
  /** Makes an operation on an input of that class. All are made before any is timed. */
  readonly prepare: (kind: 0 | 1) => () => unknown;
  /** Calls that one sample times, where one is too short for the clock. Default: 1. */
  readonly repeat?: number;
}

export interface Leakage {
  readonly samples: number;
  /** Welch's t, the largest over all samples and over those that were not disturbed. */
  readonly t: number;
  /** Nanoseconds of one operation, in the median, by class. */
  readonly medians: readonly [number, number];
  readonly verdict: "no difference seen" | "unclear" | "differs";
}

/** Above this a difference is hardly chance. */
const threshold = 4.5;
/** Above this it is none. */
const certain = 10;

/** Shares of the samples that are kept, the fastest first: interruptions only ever add. */
const crops = [0.5, 0.75, 0.9, 0.99, 1];

/** Inputs that are made at once. Their order is random, so that what drifts meets both classes. */
const batch = 500;

export function measureLeakage(test: TimingTest, samples: number, seed: number): Leakage {
  const draw = random(seed);
  const times: [number[], number[]] = [[], []];
  // Compiled code has another speed: what is measured until then is thrown away
  takeBatch(test, draw, [[], []]);
  while (times[0].length + times[1].length < samples) takeBatch(test, draw, times);
  const all = [...times[0], ...times[1]];
  const limits = crops.map((crop) => quantile(all, crop));
  const values = limits.map((limit) =>
    Math.abs(welch(below(times[0], limit), below(times[1], limit))),
  );
  const t = Math.max(...values.filter((value) => !Number.isNaN(value)), 0);
  return {
    samples: all.length,
    t,
    medians: [quantile(times[0], 0.5), quantile(times[1], 0.5)],
    verdict: t < threshold ? "no difference seen" : t < certain ? "unclear" : "differs",
  };
}

function takeBatch(
  { prepare, repeat = 1 }: TimingTest,
  draw: () => number,
  times: readonly [number[], number[]],
): void {
  const prepared = Array.from({ length: batch }, () => {
    const kind = draw() < 0.5 ? 0 : 1;
    return { kind, run: prepare(kind) } as const;
  });
  for (const { kind, run } of prepared) {
    const start = performance.now();
    for (let i = 0; i < repeat; i++) run();
    times[kind].push(((performance.now() - start) * 1e6) / repeat);
  }
}

const below = (values: readonly number[], limit: number): number[] =>
  values.filter((value) => value <= limit);

/** Welch's t statistic; NaN where a side has fewer than two values. */
function welch(a: readonly number[], b: readonly number[]): number {
  const [left, right] = [moments(a), moments(b)];
  return (left.mean - right.mean) / Math.sqrt(left.error + right.error);
}

function moments(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: squares / (values.length - 1) / values.length };
}
