import { describe, expect, it } from "vitest";
import {
  type ByProcess,
  costOf,
  holm,
  random,
  ratioBetween,
  ratioOf,
} from "../../src/statistics/index.ts";

/** Standard normal numbers (Box and Muller). */
function normal(seed: number): () => number {
  const draw = random(seed);
  return () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

/**
 * What a benchmark looks like: each process has a level of its own (2 %), and neighbours in time resemble
 * each other (an autocorrelation of 0.4).
 */
function measured(level: number, processes: number, next: () => number): ByProcess {
  return Array.from({ length: processes }, () => {
    const own = level * Math.exp(0.02 * next());
    let disturbance = next();
    return Array.from({ length: 20 }, () => {
      disturbance = 0.4 * disturbance + Math.sqrt(1 - 0.4 ** 2) * next();
      return own * Math.exp(0.03 * disturbance);
    });
  });
}

const times = <T>(count: number, of: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => of(at));

describe("costs over processes", () => {
  it("are the geometric mean of the lower quartiles", () => {
    const { value, low, high } = costOf([
      [10, 10, 90],
      [40, 40, 40],
    ]);
    expect(value).toBeCloseTo(20, 10);
    expect(low).toBeLessThan(10);
    expect(high).toBeGreaterThan(40);
  });

  it("have no interval from one process, however many samples it has", () => {
    const one = [times(1000, (at) => 10 + (at % 3))];
    expect(costOf(one)).toMatchObject({ low: 0, high: Number.POSITIVE_INFINITY });
    expect(ratioOf(one, one).p).toBe(1);
    expect(ratioBetween(one, one)).toEqual({
      value: 1,
      low: 0,
      high: Number.POSITIVE_INFINITY,
      p: 1,
    });
  });
});

describe("ratios over processes", () => {
  it("cancel what disturbs both candidates of a process", () => {
    const disturbance = measured(1, 5, normal(1));
    const scaled = (by: number) => disturbance.map((samples) => samples.map((x) => x * by));
    const { value, low, high, p } = ratioOf(scaled(30), scaled(20));
    for (const each of [value, low, high]) expect(each).toBeCloseTo(1.5, 10);
    expect(p).toBeLessThan(1e-9);
    const unpaired = ratioBetween(scaled(30), scaled(20));
    expect(unpaired.value).toBeCloseTo(1.5, 10);
    expect(unpaired.high - unpaired.low).toBeGreaterThan(0.02);
  });

  it.each([
    ["of one run", ratioOf],
    ["of two runs", ratioBetween],
  ])("%s lie within their interval in 95 of 100 cases", (_, ratio) => {
    const next = normal(7);
    const held = times(1000, () => {
      const { low, high } = ratio(measured(30, 5, next), measured(20, 5, next));
      return low <= 1.5 && 1.5 <= high;
    }).filter(Boolean).length;
    expect(held / 1000).toBeGreaterThan(0.935);
    expect(held / 1000).toBeLessThan(0.975);
  });

  it("find no difference between halves of one run in 95 of 100 cases, and a true one of 10 % mostly", () => {
    const next = normal(11);
    const found = (change: number): number =>
      times(100, () => {
        const values = times(40, (at) =>
          ratioBetween(measured(10, 5, next), measured(at === 0 ? 10 * change : 10, 5, next)),
        ).map(({ p }) => p);
        return holm(values).some((p) => p < 0.05);
      }).filter(Boolean).length;
    expect(found(1)).toBeLessThanOrEqual(5);
    expect(found(1.1)).toBeGreaterThan(50);
  });
});
