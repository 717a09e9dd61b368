import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../src/lab/adversary/catalogue/index.ts";
import { type Adversary, adversaries } from "../../src/lab/adversary/search.ts";
import { endsOf } from "../../src/lab/adversary/scenario.ts";
import { Besides, faultyRolesOf, recordHandshakes } from "./beside.ts";
import * as engine from "./engine.ts";
import { mutants, mutate, sampleOf } from "./list.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const known = new Set(catalogue.map(({ name }) => name));
const read = (path: string) => readFileSync(join(root, path), "utf8");

describe("the named faults", () => {
  it("have names of their own", () => {
    const names = mutants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(120);
    for (const name of names) expect(name).toMatch(/^[a-z\d]+(-[a-z\d]+)*$/);
  });

  it.each(mutants)("$family: $name stands once in $file", (mutant) => {
    const source = read(mutant.file);
    expect(mutate(mutant, source)).not.toBe(source);
    expect(mutant.tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const scenarios = mutant.scenarios ?? [];
    expect(scenarios.filter((name) => !known.has(name))).toEqual([]);
    expect([...mutant.tests, ...scenarios]).not.toEqual([]);
  });

  it("do not stand in a file that they do not fit, or fit twice", () => {
    const mutant = { ...mutants[0]!, name: "example", file: "a.ts", find: "b", replace: "c" };
    expect(mutate(mutant, "a b d")).toBe("a c d");
    expect(() => mutate(mutant, "a d")).toThrow('example: "b" stands 0 times in a.ts');
    expect(() => mutate(mutant, "b b")).toThrow('example: "b" stands 2 times in a.ts');
  });

  it("of a day are the same for everybody, and others on the next", () => {
    const today = sampleOf("2030-01-01", 10);
    expect(new Set(today).size).toBe(10);
    expect(sampleOf("2030-01-01", 10)).toEqual(today);
    expect(sampleOf("2030-01-02", 10)).not.toEqual(today);
    expect(sampleOf("2030-01-01", 5)).toEqual(today.slice(0, 5));
  });
});

describe("mutated handshakes beside a right end", () => {
  const recording = recordHandshakes(engine, {
    seed: "beside",
    handshakes: { "on-path": 60, "malicious-peer": 60 },
  });
  const differences = (other: typeof engine, adversary: Adversary): (string | undefined)[] => {
    const besides = new Besides(other);
    return endsOf.map((role) => {
      const own = recording[adversary].filter(({ setting }) =>
        faultyRolesOf(setting).includes(role),
      );
      expect(own.length).toBeGreaterThan(10);
      return besides.firstDifference(adversary, own, role);
    });
  };

  it.each(adversaries)("are the same without a fault: %s", (adversary) => {
    expect(differences(engine, adversary)).toEqual([undefined, undefined]);
  });

  it.each(adversaries)("differ with one: %s", (adversary) => {
    class OtherEnds extends engine.SearchEnds {
      override server(...[plan, own]: Parameters<engine.SearchEnds["server"]>) {
        return super.server({ ...plan, groups: ["secp384r1"] }, own);
      }
    }
    const other = { ...engine, SearchEnds: OtherEnds };
    expect(differences(other, adversary)[0]).toMatch(/^the client differs from a right one: /);
  });
});
