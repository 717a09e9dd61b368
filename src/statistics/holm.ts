/**
 * Holm's correction of the p-values of one family, in their order. Those that are below 0.05 afterwards may
 * all be believed: the chance that even one of them is false is at most 5 %.
 */
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
