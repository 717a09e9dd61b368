import { describe, expect, it } from "vitest";
import {
  lowerQuartile,
  quantile,
  random,
  ratioOf,
  shuffled,
  summaryOf,
} from "../../bench/statistics.ts";

describe("quantiles", () => {
  it("interpolate, whatever the order of the samples", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(lowerQuartile([5, 1, 2, 4, 3])).toBe(2);
    expect(quantile([7], 0.9)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe("summaryOf", () => {
  it("counts what lies far outside, and keeps it", () => {
    expect(summaryOf([1, 2, 3, 4, 100])).toEqual({
      minimum: 1,
      lowerQuartile: 2,
      median: 3,
      upperQuartile: 4,
      maximum: 100,
      outliers: 1,
    });
    expect(summaryOf([1, 2, 3, 4, 7]).outliers).toBe(0);
  });
});

describe("ratioOf", () => {
  const noisy = (level: number, seed: number): number[] => {
    const draw = random(seed);
    return Array.from({ length: 30 }, () => level * (1 + 0.2 * draw()));
  };

  it("finds the ratio of what was measured, within its interval", () => {
    const { value, low, high } = ratioOf(noisy(30, 1), noisy(20, 2), 3);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    expect(low).toBeLessThan(1.5);
    expect(high).toBeGreaterThan(1.5);
    expect(low).toBeGreaterThan(1.3);
    expect(high).toBeLessThan(1.7);
  });

  it("gives the same interval for the same seed, and another for another", () => {
    const a = noisy(30, 1);
    const b = noisy(20, 2);
    expect(ratioOf(a, b, 3)).toEqual(ratioOf(a, b, 3));
    expect(ratioOf(a, b, 4)).not.toEqual(ratioOf(a, b, 3));
  });

  it("keeps the samples of a round together: what disturbs both cancels out", () => {
    const disturbance = noisy(1, 5);
    const { low, high } = ratioOf(
      disturbance.map((factor) => 30 * factor),
      disturbance.map((factor) => 20 * factor),
      3,
    );
    expect(low).toBeCloseTo(1.5, 10);
    expect(high).toBeCloseTo(1.5, 10);
  });
});

describe("shuffled", () => {
  it("is a permutation that the seed determines", () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const once = shuffled(items, random(1));
    expect(once.toSorted((a, b) => a - b)).toEqual(items);
    expect(shuffled(items, random(1))).toEqual(once);
    expect(shuffled(items, random(2))).not.toEqual(once);
  });
});
