import { describe, expect, it } from "vitest";
import { holm } from "../../src/statistics/index.ts";

describe("holm", () => {
  it("multiplies the smallest by the number of tests, and never puts a larger below a smaller", () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.5, 0.9])).toEqual([1, 1]);
    expect(holm([0.02])).toEqual([0.02]);
    expect(holm([])).toEqual([]);
  });
});
