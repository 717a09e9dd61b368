import { expect, it } from "vitest";
import { parseDuration, printDuration } from "../../src/authority/duration.ts";

it("durations", () => {
  const texts = ["15m", "90d", "10y", "1h", "30s"];
  expect(texts.map((text) => printDuration(parseDuration(text) ?? 0))).toEqual(texts);
  expect(parseDuration("2w")).toBe(14 * 86_400_000);
  for (const bad of ["", "15", "m", "-1d", "1.5h", "0d", "1 d", "99999999d"]) {
    expect(parseDuration(bad)).toBeUndefined();
  }
});
