import { describe, expect, it } from "vitest";
import { claim, compared, errorOf } from "../../../src/lab/studies/figure.ts";

const figure = { study: "s", group: "g", name: "n", unit: "ms", published: 100 } as const;

describe("compared", () => {
  it("asks for the same figure without a limit, and for one within it otherwise", () => {
    expect(compared({ ...figure, ours: 100 })).toMatchObject({ class: "exact", verdict: "equal" });
    expect(compared({ ...figure, ours: 100.001 })).toMatchObject({
      class: "exact",
      verdict: "differs",
    });
    const within = { ...figure, limit: 0.05 };
    expect(compared({ ...within, ours: 95 })).toMatchObject({
      class: "envelope",
      verdict: "equal",
    });
    expect(compared({ ...within, ours: 94.9 }).verdict).toBe("differs");
    expect(compared({ ...within, ours: 105.1 }).verdict).toBe("differs");
    expect(compared({ ...within, ours: Number.NaN }).verdict).toBe("differs");
  });

  it("only shows what claims nothing", () => {
    expect(compared({ ...figure, ours: 300, class: "shape" }).verdict).toBe("shown");
  });
});

describe("errorOf", () => {
  it("is a share of what was published", () => {
    expect(errorOf(compared({ ...figure, ours: 110 }))).toBeCloseTo(0.1);
    expect(errorOf(compared({ ...figure, published: 0, ours: 0 }))).toBe(0);
  });
});

describe("claim", () => {
  it("counts what is equal or within the interval, and not what was calibrated", () => {
    const equal = compared({ ...figure, ours: 100 });
    const differs = compared({ ...figure, ours: 1 });
    const all = [
      equal,
      { ...differs, verdict: "within interval" as const },
      differs,
      { ...equal, verdict: "calibrated" as const },
    ];
    expect(claim("s", "c", 0.9, all)).toEqual({
      study: "s",
      name: "c",
      needed: 0.9,
      reached: 2 / 3,
      count: 3,
    });
  });
});
