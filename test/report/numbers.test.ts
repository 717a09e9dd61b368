import { describe, expect, it } from "vitest";
import {
  interval,
  probability,
  significant,
  thinSpace,
  tick,
  times,
} from "../../src/report/numbers.ts";

describe("numbers for people", () => {
  it.each([
    [0, "0"],
    [0.012_34, "0.012"],
    [0.9999, "1.00"],
    [1.2345, "1.23"],
    [12.345, "12.3"],
    [99.97, "100"],
    [1234.5, "1235"],
    [12_345.6, `12${thinSpace}346`],
    [1_234_567, `1${thinSpace}234${thinSpace}567`],
    [-2.345_67, "-2.35"],
    [Number.NaN, "–"],
    [Number.POSITIVE_INFINITY, "–"],
  ])("%d has three digits that count", (value, text) => {
    expect(significant(value)).toBe(text);
  });

  it("an axis has no noughts at the end", () => {
    expect([0, 0.5, 2, 1e4, 0.001].map(tick)).toEqual([
      "0",
      "0.5",
      "2",
      `10${thinSpace}000`,
      "0.001",
    ]);
  });

  it("ratios have two digits behind the point, large ones fewer", () => {
    expect([1.049, 9.99, 12.34, 123.4, Number.NaN].map(times)).toEqual([
      "1.05",
      "9.99",
      "12.3",
      "123",
      "–",
    ]);
    expect(interval(1.5, 2.25, times)).toBe("1.50 – 2.25");
  });

  it("no probability is nought", () => {
    expect([0, 0.000_4, 0.012_3, 0.5].map(probability)).toEqual([
      "< 0.001",
      "< 0.001",
      "0.012",
      "0.50",
    ]);
  });
});
