import { expect, it } from "vitest";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import { families } from "../../../src/lab/adversary/scenario.ts";
import { guardedLines } from "./guarded-lines.ts";

const guards = new Set(guardedLines.flatMap(({ scenarios }) => scenarios));

it("guarded lines have names of their own, say otherwise, and have scenarios that exist", () => {
  const names = guardedLines.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(guardedLines.filter(({ line, instead }) => line === instead)).toEqual([]);
  const known = new Set(catalogue.map(({ name }) => name));
  expect([...guards].filter((name) => !known.has(name))).toEqual([]);
});

it.each(families.filter((family) => /fallback|server's key|after the|extensions/.test(family)))(
  "all scenarios of the family %s guard a line",
  (own) => {
    const others = catalogue.filter(({ name, family }) => family === own && !guards.has(name));
    expect(others.map(({ name }) => name)).toEqual([]);
  },
);
