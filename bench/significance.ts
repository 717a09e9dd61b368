/** Whether two sets of samples differ by more than chance. */

/**
 * The rank-sum test of Wilcoxon, Mann and Whitney, two-sided: how likely ranks so far apart are if both
 * samples are of one distribution. By the normal approximation, with corrections for ties and continuity.
 * 1 where one of them is empty.
 */
export function rankSumTest(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, isA: true })), ...b.map((value) => ({ value }))];
  const sorted = all.toSorted((x, y) => x.value - y.value);
  const count = sorted.length;
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < count;) {
    let to = from;
    while (to < count && sorted[to]?.value === sorted[from]?.value) to++;
    const tied = to - from;
    ties += tied ** 3 - tied;
    // Equal values share the mean of their ranks, which count from 1
    const rank = (from + 1 + to) / 2;
    rankSum += rank * sorted.slice(from, to).filter((item) => "isA" in item).length;
    from = to;
  }
  const mean = (a.length * (count + 1)) / 2;
  const variance = ((a.length * b.length) / 12) * (count + 1 - ties / (count * (count - 1)));
  if (!(variance > 0)) return 1;
  const distance = Math.max(0, Math.abs(rankSum - mean) - 0.5);
  return complementaryError(distance / Math.sqrt(2 * variance));
}

/** Holm's correction of the p-values of one family, in their order: what is below 0.05 then may all be believed. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).toSorted((a, b) => values[a]! - values[b]!);
  const adjusted = [...values];
  let least = 0;
  for (const [rank, index] of order.entries()) {
    least = Math.max(least, Math.min(1, (values.length - rank) * values[index]!));
    adjusted[index] = least;
  }
  return adjusted;
}

/** erfc of what is not negative, to seven digits (Numerical Recipes in C, 2nd edition, section 6.2). */
function complementaryError(x: number): number {
  const t = 1 / (1 + x / 2);
  const polynomial = chebyshev.reduceRight((sum, factor) => sum * t + factor, 0);
  return t * Math.exp(polynomial - x * x);
}

const chebyshev = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
];
