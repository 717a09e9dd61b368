import { describe, expect, it } from "vitest";
import { holm, rankSumTest } from "../../bench/significance.ts";

describe("rankSumTest", () => {
  // By hand: the distances from the mean rank sum are 12, 2 and 9, the deviations 4.787, 4.787, 4.640
  it.each([
    [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 0.01219],
    [[1, 3, 5, 7, 9], [2, 4, 6, 8, 10], 0.6761],
    [[1, 1, 2, 2, 3], [2, 3, 3, 4, 4], 0.05243],
  ])("of %j and %j", (a, b, expected) => {
    expect(rankSumTest(a, b)).toBeCloseTo(expected, 3);
    expect(rankSumTest(b, a)).toBeCloseTo(expected, 3);
  });

  it("says nothing of what is all the same, or nothing at all", () => {
    expect(rankSumTest([2, 2, 2], [2, 2, 2])).toBe(1);
    expect(rankSumTest([], [1, 2])).toBe(1);
  });

  it("gets surer with more samples", () => {
    const from = (start: number, count: number) =>
      Array.from({ length: count }, (_, i) => start + i);
    expect(rankSumTest(from(0, 30), from(30, 30))).toBeLessThan(1e-9);
    expect(rankSumTest(from(0, 30), from(1, 30))).toBeGreaterThan(0.5);
  });
});

describe("holm", () => {
  it("multiplies the smallest by the number of tests, and never puts a larger below a smaller", () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.5, 0.9])).toEqual([1, 1]);
    expect(holm([0.02])).toEqual([0.02]);
    expect(holm([])).toEqual([]);
  });
});
