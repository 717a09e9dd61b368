import { describe, expect, it } from "vitest";
import { random, shuffled } from "../../src/statistics/index.ts";

describe("shuffled", () => {
  it("is a permutation that the seed determines", () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const once = shuffled(items, random(1));
    expect(once.toSorted((a, b) => a - b)).toEqual(items);
    expect(shuffled(items, random(1))).toEqual(once);
    expect(shuffled(items, random(2))).not.toEqual(once);
  });
});
