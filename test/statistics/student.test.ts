import { describe, expect, it } from "vitest";
import { tQuantile, tTail } from "../../src/statistics/index.ts";

// NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, two-sided 95 % and 99 %
const table = [
  [1, 12.706, 63.657],
  [2, 4.303, 9.925],
  [4, 2.776, 4.604],
  [8, 2.306, 3.355],
  [30, 2.042, 2.75],
  [100, 1.984, 2.626],
] as const;

describe("Student's t", () => {
  it.each(table)(
    "has the quantiles of the table for %i degrees of freedom",
    (degrees, p95, p99) => {
      expect(tQuantile(0.95, degrees)).toBeCloseTo(p95, 3);
      expect(tQuantile(0.99, degrees)).toBeCloseTo(p99, 3);
      expect(tTail(p95, degrees)).toBeCloseTo(0.05, 4);
    },
  );

  it("is Cauchy's distribution for one degree of freedom, and exact for two", () => {
    expect(tTail(1, 1)).toBeCloseTo(0.5, 12);
    expect(tTail(7, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(7), 12);
    expect(tTail(3, 2)).toBeCloseTo(1 - 3 / Math.sqrt(2 + 9), 12);
  });

  it("knows both ends, and degrees that are not whole", () => {
    expect(tTail(0, 5)).toBe(1);
    expect(tTail(Number.POSITIVE_INFINITY, 5)).toBe(0);
    expect(tTail(2, 2.5)).toBeGreaterThan(tTail(2, 3));
    expect(tTail(2, 2.5)).toBeLessThan(tTail(2, 2));
    expect(tTail(Number.NaN, 5)).toBeNaN();
  });
});
