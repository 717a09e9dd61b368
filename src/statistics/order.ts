/** What a sample says of a quantile, without a word on the distribution: order statistics and the binomial law. */

/**
 * Between which order statistics the `p`-quantile lies, with at least that confidence: how many of `count` samples
 * fall below it is binomial. Ranks count from 0; -1 and `count` mean that the sample says nothing on that side.
 */
export function quantileRanks(count: number, p: number, confidence = 0.95): [number, number] {
  const tail = (1 - confidence) / 2;
  const weights = binomialWeights(count, p);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // The largest rank below which the quantile hardly falls, and the smallest above
  let low = -1;
  for (let below = 0, rank = 0; rank < count; rank++) {
    below += weights[rank]!;
    if (below > tail * total) break;
    low = rank;
  }
  let high = count;
  for (let above = 0, rank = count; rank > 0; rank--) {
    above += weights[rank]!;
    if (above > tail * total) break;
    high = rank - 1;
  }
  return [low, Math.max(high, low)];
}

/** The interval of the `p`-quantile; infinite where the sample is too small to say. */
export function quantileInterval(
  samples: ArrayLike<number>,
  p: number,
  confidence = 0.95,
): [number, number] {
  const sorted = Float64Array.from(samples).toSorted();
  const [low, high] = quantileRanks(sorted.length, p, confidence);
  return [sorted[low] ?? Number.NEGATIVE_INFINITY, sorted[high] ?? Number.POSITIVE_INFINITY];
}

/** The binomial probabilities of 0 to `count`, up to a factor: from the mode outwards, so that nothing underflows too soon. */
function binomialWeights(count: number, p: number): Float64Array {
  const weights = new Float64Array(count + 1);
  const mode = Math.min(count, Math.floor((count + 1) * p));
  const odds = p / (1 - p);
  weights[mode] = 1;
  for (let k = mode; k < count; k++) weights[k + 1] = (weights[k]! * (count - k) * odds) / (k + 1);
  for (let k = mode; k > 0; k--) weights[k - 1] = (weights[k]! * k) / ((count - k + 1) * odds);
  return weights;
}
