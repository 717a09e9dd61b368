/** What differences of pairs say, by drawing from them again (Efron). */
import { random } from "./random.ts";

export interface BootstrapOptions {
  /** Default 1. */
  readonly seed?: number;
  /** How often the sample is drawn anew. Default 2000. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/**
 * The interval of the `p`-quantile of the differences between pairs: the percentiles of the same quantile of samples
 * that are drawn from them. It is the same for the same seed.
 *
 * @throws {RangeError} if there are no pairs, or not as many of one as of the other
 */
export function pairedDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  p: number,
  options: BootstrapOptions = {},
): { readonly value: number; readonly low: number; readonly high: number } {
  const { seed = 1, resamples = 2000, confidence = 0.95 } = options;
  if (first.length === 0 || first.length !== second.length) {
    throw new RangeError(
      `pairedDifference: ${first.length} and ${second.length} values are not pairs`,
    );
  }
  const differences = Float64Array.from(first, (value, at) => value - second[at]!).toSorted();
  const draw = random(seed);
  const again = new Float64Array(differences.length);
  const resampled = Float64Array.from({ length: resamples }, () => {
    for (let at = 0; at < again.length; at++) {
      again[at] = differences[Math.floor(draw() * again.length)]!;
    }
    return ofSorted(again.toSorted(), p);
  }).toSorted();
  const tail = (1 - confidence) / 2;
  return {
    value: ofSorted(differences, p),
    low: ofSorted(resampled, tail),
    high: ofSorted(resampled, 1 - tail),
  };
}

/** The quantile by linear interpolation, of what is in order already. */
function ofSorted(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p;
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}
