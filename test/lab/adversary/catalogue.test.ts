import { describe, expect, it } from "vitest";
import { createNative } from "../../../src/crypto/native.ts";
import { runAttack } from "../../../src/lab/adversary/attack.ts";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import { families } from "../../../src/lab/adversary/scenario.ts";

describe("the catalogue", () => {
  it("has at least 120 scenarios with names of their own, of every family", () => {
    expect(catalogue.length).toBeGreaterThanOrEqual(120);
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
    expect(new Set(catalogue.map(({ family }) => family))).toEqual(new Set(families));
  });

  it.each(catalogue)("$family: $name", (scenario) => {
    const row = runAttack(scenario, { makeProvider: createNative });
    expect(row.problems).toEqual([]);
  });
});
