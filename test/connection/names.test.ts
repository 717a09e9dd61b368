import { describe, expect, it } from "vitest";
import { find, resolve } from "../../src/connection/names.ts";

const table = [{ name: "Red" }, { name: "blue" }];
const own = { name: "own" };

describe("names", () => {
  it("are found in any case", () => {
    expect(find("colours", table, "RED")).toBe(table[0]);
    expect(() => find("colours", table, "green")).toThrow(
      new RangeError("there is no green among the colours: Red, blue"),
    );
  });

  it("and values stand side by side, in the order that was given", () => {
    expect(resolve("colours", table, ["blue", own, "Red"], [])).toEqual([table[1], own, table[0]]);
    expect(resolve("colours", table, undefined, table)).toBe(table);
    expect(() => resolve("colours", table, [], table)).toThrow("the list of colours is empty");
    expect(() => resolve("colours", table, ["Red", "x"], table)).toThrow(RangeError);
  });
});
