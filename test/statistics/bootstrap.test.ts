import { describe, expect, it } from "vitest";
import { pairedDifference, random } from "../../src/statistics/index.ts";

describe("pairedDifference", () => {
  it("sees a difference between pairs that their spread hides", () => {
    const draw = random(3);
    const first = Array.from({ length: 400 }, () => 1000 * draw());
    const second = first.map((value) => value + 1 + 0.2 * draw());
    const { value, low, high } = pairedDifference(second, first, 0.5);
    expect(value).toBeGreaterThan(low);
    expect(value).toBeLessThan(high);
    expect(low).toBeGreaterThan(1.05);
    expect(high).toBeLessThan(1.15);
  });

  it("covers the true median in 95 of 100 runs", () => {
    const draw = random(11);
    let covered = 0;
    for (let turn = 0; turn < 200; turn++) {
      const noise = Array.from({ length: 60 }, () => draw() + draw() - 1);
      const { low, high } = pairedDifference(
        noise,
        noise.map(() => 0),
        0.5,
        { seed: turn, resamples: 200 },
      );
      if (low <= 0 && high >= 0) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.9);
  });

  it("is the same for the same seed, and wider for more confidence", () => {
    const [a, b] = [
      [1, 5, 3, 9, 4],
      [2, 2, 8, 1, 0],
    ];
    expect(pairedDifference(a, b, 0.5, { seed: 4 })).toEqual(
      pairedDifference(a, b, 0.5, { seed: 4 }),
    );
    const wide = pairedDifference(a, b, 0.5, { confidence: 0.999 });
    const narrow = pairedDifference(a, b, 0.5, { confidence: 0.5 });
    expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low);
  });

  it("refuses what is no pairs", () => {
    expect(() => pairedDifference([1, 2], [1], 0.5)).toThrow("2 and 1 values are not pairs");
    expect(() => pairedDifference([], [], 0.5)).toThrow(RangeError);
  });
});
