import { describe, expect, it } from "vitest";
import { createNoble } from "../../../src/crypto/index.ts";
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

  describe.each([
    ["native", createNative],
    ["noble", createNoble],
  ] as const)("with %s", (_, makeProvider) => {
    it.each(catalogue)("$family: $name", (scenario) => {
      expect(runAttack(scenario, { makeProvider }).problems).toEqual([]);
    });
  });
});

describe("the judge", () => {
  const scenario = (name: string) => catalogue.find((entry) => entry.name === name)!;
  const problemsOf = (name: string, expected: object) =>
    runAttack(
      { ...scenario(name), expect: { client: "open", server: "open", ...expected } },
      {
        makeProvider: createNative,
      },
    ).problems;

  it("says what was predicted and what it is", () => {
    expect(problemsOf("strip-tls13", {})).toEqual([
      "client: open was predicted, told protocol_version it is",
      "server: open was predicted, protocol_version it is",
    ]);
  });

  it("misses findings, and does not put up with those that have no reason", () => {
    expect(problemsOf("honest", { findings: ["tampered"] })).toEqual(["nobody found tampered"]);
    expect(problemsOf("prefer-classical-server", { findings: [] })).toEqual([
      "found without a reason: hybrid-declined, retry-to-weaker",
    ]);
  });
});
