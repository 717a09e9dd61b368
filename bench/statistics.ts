/** Order statistics, and intervals by a bootstrap that gives the same again for the same seed. */

/** The `p`-quantile by linear interpolation; NaN of nothing. */
export function quantile(samples: readonly number[], p: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * p;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** Disturbances only ever add: the lower quartile is what the work costs. */
export const lowerQuartile = (samples: readonly number[]): number => quantile(samples, 0.25);

/** Five numbers of some samples, and how many of them lie far outside (Tukey's fences). */
export interface Summary {
  readonly minimum: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly maximum: number;
  /** Beyond 1.5 times the distance of the quartiles. They are counted and never dropped. */
  readonly outliers: number;
}

export function summaryOf(samples: readonly number[]): Summary {
  const at = (p: number): number => quantile(samples, p);
  const [low, high] = [at(0.25), at(0.75)];
  const reach = 1.5 * (high - low);
  return {
    minimum: at(0),
    lowerQuartile: low,
    median: at(0.5),
    upperQuartile: high,
    maximum: at(1),
    outliers: samples.filter((sample) => sample < low - reach || sample > high + reach).length,
  };
}

export interface Estimate {
  readonly value: number;
  /** 95 %. */
  readonly low: number;
  readonly high: number;
}

/**
 * How many times the numerator is the denominator, by lower quartiles. The samples of one round belong
 * together, so rounds are what the bootstrap draws.
 */
export function ratioOf(
  numerator: readonly number[],
  denominator: readonly number[],
  seed: number,
): Estimate {
  const rounds = Math.min(numerator.length, denominator.length);
  return bootstrap(numerator, denominator, seed, (draw) => {
    const picks = picksOf(rounds, draw);
    return [picks, picks];
  });
}

/** As {@link ratioOf}, of two runs that know nothing of each other. */
export const ratioBetween = (
  numerator: readonly number[],
  denominator: readonly number[],
  seed: number,
): Estimate =>
  bootstrap(numerator, denominator, seed, (draw) => [
    picksOf(numerator.length, draw),
    picksOf(denominator.length, draw),
  ]);

const resamples = 2000;

type Picks = readonly number[];

function bootstrap(
  numerator: readonly number[],
  denominator: readonly number[],
  seed: number,
  pick: (draw: () => number) => readonly [Picks, Picks],
): Estimate {
  const draw = random(seed);
  const costOf = (samples: readonly number[], picks: Picks): number =>
    lowerQuartile(picks.map((at) => samples[at] ?? Number.NaN));
  const ratios = Array.from({ length: resamples }, () => {
    const [above, below] = pick(draw);
    return costOf(numerator, above) / costOf(denominator, below);
  });
  return {
    value: lowerQuartile(numerator) / lowerQuartile(denominator),
    low: quantile(ratios, 0.025),
    high: quantile(ratios, 0.975),
  };
}

const picksOf = (count: number, draw: () => number): Picks =>
  Array.from({ length: count }, () => Math.floor(draw() * count));

/** Numbers from 0 to 1, determined by the seed (the generator mulberry32). */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A permutation (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], draw: () => number): T[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at--) {
    const other = Math.floor(draw() * (at + 1));
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}
