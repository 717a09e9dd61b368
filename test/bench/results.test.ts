import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { readResults, resultsSchema } from "../../bench/read-results.ts";
import { resultsWith } from "./support.ts";

const results = resultsWith({
  measurements: [
    {
      name: "engine",
      dimensions: { provider: "native" },
      bytes: 64,
      processes: [
        {
          batch: 10,
          cpu: [2, 2.5],
          wall: [3, 3.5],
          warmUp: { operations: 100, settled: true },
        },
      ],
    },
    {
      name: "floor",
      dimensions: {},
      processes: [{ batch: 10, cpu: [1, 1.25], wall: [2, 2.5] }],
    },
  ],
  ratios: [
    {
      name: "engine ÷ floor",
      dimensions: {},
      numerator: "engine",
      denominator: "floor",
      value: 2,
      low: 1.9,
      high: 2.1,
      p: 0.01,
      pAdjusted: 0.02,
      settled: true,
      goal: { atMost: 1.1 },
      noise: "too noisy",
    },
  ],
  figures: [{ name: "heap", dimensions: {}, value: 4, unit: "KiB", goal: { atLeast: 1 } }],
  notes: ["a note"],
});

const validate = new Ajv2020({ allErrors: true }).compile(resultsSchema());

/** A copy in which one member, given by its path, has another value; `undefined` takes it away. */
function changed(path: string, value: unknown): string {
  const copy = JSON.parse(JSON.stringify(results)) as Record<string, unknown>;
  const keys = path.split(".");
  let parent = copy;
  for (const key of keys.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
  parent[keys.at(-1) ?? ""] = value;
  return JSON.stringify(copy);
}

const brokenMembers: readonly (readonly [string, unknown, string])[] = [
  ["format", "kemistry-bench-1", 'format: expected kemistry-bench-2, got "kemistry-bench-1"'],
  ["environment", undefined, "environment: expected an object, got nothing"],
  ["environment.cores", "2", 'environment.cores: expected a number, got "2"'],
  ["environment.slots.native", [], "environment.slots.native: expected an object, got []"],
  ["options.profile", "slow", 'options.profile: expected one of quick, default, full, got "slow"'],
  ["options.filter", null, "options.filter: expected text, got null"],
  ["complete", 1, "complete: expected true or false, got 1"],
  ["suites", {}, "suites: expected a list, got {}"],
  [
    "suites.0.measurements.1.processes.0.cpu.1",
    null,
    "suites[0].measurements[1].processes[0].cpu[1]: expected a number, got null",
  ],
  ["suites.0.ratios.0.goal", {}, "suites[0].ratios[0].goal.atMost: expected a number, got nothing"],
];

describe("a file of results", () => {
  it("is read as it was written, and fits its schema", () => {
    expect(readResults(JSON.stringify(results))).toEqual(results);
    expect(validate(results)).toBe(true);
  });

  it("may say more than is known here", () => {
    expect(readResults(changed("environment.mood", "fine"))).toEqual(results);
  });

  it.each(brokenMembers)("is refused for a wrong %s", (path, value, message) => {
    const text = changed(path, value);
    expect(() => readResults(text)).toThrow(message);
    expect(validate(JSON.parse(text))).toBe(false);
  });

  it("is refused when it is cut short, or no object", () => {
    const text = JSON.stringify(results);
    expect(() => readResults(text.slice(0, -10))).toThrow("not JSON, or cut short");
    expect(() => readResults("[]")).toThrow("the whole file: expected an object, got []");
    expect(() => readResults("")).toThrow("not JSON, or cut short");
  });

  it("is refused when a ratio is of nothing that was measured", () => {
    expect(() => readResults(changed("suites.0.ratios.0.denominator", "ceiling"))).toThrow(
      "suites[0].ratios[0] is of ceiling, which was not measured",
    );
  });

  it("is refused when one name stands for two measurements", () => {
    expect(() => readResults(changed("suites.0.measurements.0.name", "floor"))).toThrow(
      "suites[0] has two entries of one name",
    );
  });
});

it("the published schema is the one that is checked here", async () => {
  const text = `${JSON.stringify(resultsSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../bench/results.schema.json");
});
