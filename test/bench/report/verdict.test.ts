import { describe, expect, it } from "vitest";
import { goalText, verdictOf } from "../../../bench/report/verdict.ts";

describe("a verdict", () => {
  it.each([
    [{ atMost: 1.1 }, 1.05, 1, 1.1, "reached", "reached"],
    [{ atMost: 1.1 }, 1.09, 1, 1.11, "open", "reached, within noise"],
    [{ atMost: 1.1 }, 1.12, 1.09, 1.2, "open", "missed, within noise"],
    [{ atMost: 1.1 }, 1.15, 1.11, 1.2, "missed", "missed"],
    [{ atLeast: 2 }, 2.5, 2, 3, "reached", "reached"],
    [{ atLeast: 2 }, 1.9, 1.5, 2.1, "open", "missed, within noise"],
    [{ atLeast: 2 }, 1.5, 1, 1.99, "missed", "missed"],
  ])("on %o with %d from %d to %d is %s", (goal, value, low, high, tone, text) => {
    expect(verdictOf(goal, value, low, high)).toEqual({ text, tone });
  });

  it("on a value without an interval is that of the value", () => {
    expect(verdictOf({ atMost: 5 }, 5)).toMatchObject({ text: "reached" });
    expect(verdictOf({ atMost: 5 }, 5.01)).toMatchObject({ text: "missed" });
  });

  it("is about a goal that can be read", () => {
    expect([goalText({ atMost: 1.05 }), goalText({ atLeast: 6 })]).toEqual(["≤ 1.05", "≥ 6"]);
  });
});
