/** Student's t distribution. */

/** The probability that |T| is at least `t` with so many degrees of freedom, whole or not. */
export function tTail(t: number, degrees: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** The `t` that |T| stays below with probability `level`. */
export function tQuantile(level: number, degrees: number): number {
  let low = 0;
  let high = 1;
  while (tTail(high, degrees) > 1 - level) high *= 2;
  while (high - low > 1e-10 * high) {
    const middle = (low + high) / 2;
    if (tTail(middle, degrees) > 1 - level) low = middle;
    else high = middle;
  }
  return high;
}

/** The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side only (DLMF 8.17.4)
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b),
  );
  return front / (a * continuedFraction(x, a, b));
}

/** 1 + d1/(1 + d2/(1 + …)), from a term on that is far enough: they matter up to about √(a + b). */
function continuedFraction(x: number, a: number, b: number): number {
  let value = 1;
  for (let m = 20 + Math.ceil(2 * Math.sqrt(a + b)); m > 0; m--) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m - 1) * (a + b + m - 1) * x) / ((a + 2 * m - 2) * (a + 2 * m - 1));
    value = 1 + odd / (1 + even / value);
  }
  return value;
}

/** ln Γ of what is positive, by Stirling's series (DLMF 5.11.1) where that is exact to 14 digits. */
function logGamma(z: number): number {
  if (z < 15) return logGamma(z + 1) - Math.log(z);
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5) - 1 / (1680 * z ** 7);
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series;
}
