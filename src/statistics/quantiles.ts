/** Order statistics. */

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
