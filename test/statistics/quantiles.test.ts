import { describe, expect, it } from "vitest";
import { lowerQuartile, quantile, summaryOf } from "../../src/statistics/index.ts";

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
