import { describe, expect, it } from "vitest";
import { measureLeakage, type TimingTest } from "../../../bench/timing/leakage.ts";
import { comparisons, leavesEarly, testsOf } from "../../../bench/timing/tests.ts";
import { equal } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";

const loops = (count: number) => () => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += i % 7;
  return sum;
};
const test = (prepare: TimingTest["prepare"]): TimingTest => ({
  name: "loops",
  classes: ["some", "others"],
  prepare,
});

describe("measureLeakage", () => {
  it("sees that one class takes far longer", () => {
    const { t, verdict, medians, samples } = measureLeakage(
      test((kind) => loops(kind === 0 ? 2000 : 20_000)),
      2000,
      1,
    );
    expect(verdict).toBe("differs");
    expect(t).toBeGreaterThan(10);
    expect(medians[1]).toBeGreaterThan(medians[0]);
    expect(samples).toBeGreaterThanOrEqual(2000);
  });

  it("asks for both classes about as often, in an order that the seed determines", () => {
    const orderOf = (seed: number): number[] => {
      const order: number[] = [];
      measureLeakage(
        test((kind) => {
          order.push(kind);
          return loops(1);
        }),
        1000,
        seed,
      );
      return order;
    };
    const order = orderOf(1);
    const share = order.reduce((sum, kind) => sum + kind, 0) / order.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
    expect(orderOf(1)).toEqual(order);
    expect(orderOf(2)).not.toEqual(order);
  });
});

describe("the control", () => {
  it("compares as it should, but for its time", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    for (const compare of [equal, leavesEarly]) {
      expect(compare(bytes, bytes.slice())).toBe(true);
      expect(compare(bytes, Uint8Array.of(1, 2, 4))).toBe(false);
      expect(compare(bytes, Uint8Array.of(1, 2))).toBe(false);
    }
  });
});

describe.each(providers)("the tests of $name", ({ provider }) => {
  it.each([...comparisons, ...testsOf(provider)])("$name can run, with both classes", (timed) => {
    for (const kind of [0, 1] as const) expect(timed.prepare(kind)).not.toThrow();
    expect(timed.backend).not.toBe("");
  });
});
