import { describe, expect, it } from "vitest";
import { compareResults } from "../../bench/compare.ts";
import type { Results } from "../../bench/results.ts";
import { random } from "../../src/statistics/index.ts";
import { measuredBy, resultsWith } from "./support.ts";

type Processes = readonly (readonly number[])[];

const noisy = (level: number, seed: number): Processes => {
  const draw = random(seed);
  return Array.from({ length: 5 }, () => {
    const own = level * (1 + 0.02 * draw());
    return Array.from({ length: 20 }, () => own * (1 + 0.02 * draw()));
  });
};

const run = (costs: Readonly<Record<string, Processes>>, bytes = 100): Results =>
  resultsWith({
    measurements: Object.entries(costs).map(([name, processes]) => measuredBy(name, ...processes)),
    figures: [
      { name: "flight", dimensions: {}, value: bytes, unit: "B" },
      { name: "rate", dimensions: {}, value: bytes, unit: "" },
    ],
  });

const changes = (before: Results, after: Results, threshold = 1.05) =>
  Object.fromEntries(
    compareResults(before, after, threshold).rows.map(({ name, change }) => [name, change]),
  );

describe("two runs", () => {
  it("are the same where they differ by chance", () => {
    expect(changes(run({ a: noisy(10, 1) }), run({ a: noisy(10, 2) }))).toEqual({
      a: "same",
      flight: "same",
    });
  });

  it("differ by what is past the threshold and past chance", () => {
    const before = run({ up: noisy(10, 1), down: noisy(10, 2), little: noisy(10, 3) });
    const after = run({ up: noisy(12, 4), down: noisy(8, 5), little: noisy(10.3, 6) });
    const expected = { up: "slower", down: "faster", little: "same", flight: "same" };
    expect(changes(before, after)).toEqual(expected);
    expect(changes(before, after, 1.01)).toEqual({ ...expected, little: "slower" });
    expect(changes(before, after, 1.5)).toMatchObject({ up: "same", down: "same" });
  });

  it("do not differ by what is large and may be chance", () => {
    const before = run({
      a: [
        [10, 10],
        [30, 30],
        [10, 10],
      ],
    });
    const after = run({
      a: [
        [30, 30],
        [12, 12],
        [31, 31],
      ],
    });
    expect(changes(before, after)).toMatchObject({ a: "same" });
  });

  it("do not differ by what one process says, however often", () => {
    const often = (level: number) => [Array.from({ length: 1000 }, (_, at) => level + (at % 7))];
    expect(changes(run({ a: often(10) }), run({ a: often(90) }))).toMatchObject({ a: "same" });
  });

  it("are compared in bytes, which are exact, and not in rates", () => {
    expect(changes(run({}), run({}, 110))).toEqual({ flight: "more" });
    expect(changes(run({}), run({}, 90))).toEqual({ flight: "less" });
    expect(changes(run({}), run({}, 104))).toEqual({ flight: "same" });
  });

  it("need not have the same entries", () => {
    const { rows, onlyBefore, onlyAfter } = compareResults(
      run({ a: noisy(10, 1), b: noisy(10, 2) }),
      run({ a: noisy(10, 1), c: noisy(10, 2) }),
      1.05,
    );
    expect(rows.map(({ name }) => name)).toEqual(["a", "flight"]);
    expect([onlyBefore, onlyAfter]).toEqual([1, 1]);
  });
});
