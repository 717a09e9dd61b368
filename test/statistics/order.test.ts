import { describe, expect, it } from "vitest";
import { quantileInterval, quantileRanks, random } from "../../src/statistics/index.ts";

describe("quantileRanks", () => {
  it("are those of the binomial tables", () => {
    // n = 10: P(X ≤ 1) = 0.0107, P(X ≤ 2) = 0.0547; so the median lies between the second and the ninth
    expect(quantileRanks(10, 0.5)).toEqual([1, 8]);
    expect(quantileRanks(10, 0.5, 0.99)).toEqual([0, 9]);
    // Too few: nothing is known above
    expect(quantileRanks(20, 0.95)).toEqual([16, 20]);
    expect(quantileRanks(5, 0.5, 0.95)).toEqual([-1, 5]);
  });

  it("hold for samples so large that the tails vanish", () => {
    const [low, high] = quantileRanks(100_000, 0.95);
    const reach = 1.96 * Math.sqrt(100_000 * 0.95 * 0.05);
    expect(Math.abs(95_000 - reach - low)).toBeLessThan(3);
    expect(Math.abs(95_000 + reach - high)).toBeLessThan(3);
  });
});

describe("quantileInterval", () => {
  it.each([0.5, 0.9])("covers the quantile %d in 95 of 100 samples", (p) => {
    const draw = random(7);
    let covered = 0;
    for (let turn = 0; turn < 2000; turn++) {
      const [low, high] = quantileInterval(Array.from({ length: 100 }, draw), p);
      if (low <= p && p <= high) covered++;
    }
    expect(covered / 2000).toBeGreaterThan(0.94);
    expect(covered / 2000).toBeLessThan(0.985);
  });

  it("says nothing where it can say nothing", () => {
    expect(quantileInterval([3, 1, 2], 0.5)).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });
});
