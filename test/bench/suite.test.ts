import { describe, expect, it } from "vitest";
import { withoutGoals } from "../../bench/goals.ts";
import type { Candidate } from "../../bench/measure.ts";
import type { Results, SuiteResult } from "../../bench/results.ts";
import { run, type Selection } from "../../bench/run.ts";
import { carryOut, compare, onlyFigures, type Plan, type Suite } from "../../bench/suite.ts";
import { here } from "../../bench/suite-process.ts";
import type { SuiteEntry } from "../../bench/suites.ts";
import { measuredBy } from "./support.ts";

const candidate = (name: string, dimensions: Candidate["dimensions"], isReference = false) => ({
  name,
  dimensions,
  isReference,
  setUp: () => ({ isCold: true, run: () => {}, take: () => ({ cpu: 1, wall: 1 }) }),
});

const plan: Plan = {
  candidates: [
    candidate("ours, native", { provider: "native", group: "x25519" }),
    candidate("ours, noble", { provider: "noble", group: "x25519" }),
    candidate("theirs", { stack: "other" }, true),
  ],
  comparisons: [
    {
      name: "native for one of other",
      dimensions: {},
      numerator: "theirs",
      denominator: "ours, native",
    },
    {
      name: "noble ÷ native",
      dimensions: {},
      numerator: "ours, noble",
      denominator: "ours, native",
    },
  ],
  notes: ["a note"],
};

const entry = (name: string, suite: Suite): SuiteEntry => ({
  name,
  title: `The suite ${name}`,
  seconds: 0.01,
  load: () => Promise.resolve(suite),
});
const planned = entry("planned", { run: (context) => carryOut(plan, context) });
const figure = { name: "weight", dimensions: {}, value: 1, unit: "B" };
const weighed = entry("weighed", { run: () => Promise.resolve(onlyFigures([figure])) });

const selection: Selection = {
  suites: [planned],
  profile: "quick",
  seed: 1,
  providers: ["native", "noble"],
};

async function follow(asked: Partial<Selection>, stop = new AbortController()) {
  const finished: { readonly suite: SuiteResult; readonly soFar: Results }[] = [];
  const results = await run(
    { ...selection, ...asked },
    {
      signal: stop.signal,
      begun: () => {},
      progress: () => {},
      finished: (suite, soFar) => void finished.push({ suite, soFar }),
    },
    here,
  );
  return { results, finished, stop };
}

const namesOf = ({ suites }: Results) => ({
  measured: suites.flatMap(({ measurements }) => measurements.map(({ name }) => name)),
  compared: suites.flatMap(({ ratios }) => ratios.map(({ name }) => name)),
});

describe("what is measured", () => {
  it("is all of a plan, without a selection", async () => {
    const { results } = await follow({});
    expect(namesOf(results)).toEqual({
      measured: ["ours, native", "ours, noble", "theirs"],
      compared: ["native for one of other", "noble ÷ native"],
    });
    expect(results.suites[0]?.notes).toEqual(["a note"]);
  });

  it.each([
    [{ providers: ["noble"] }, ["ours, noble"], []],
    [{ providers: ["native"] }, ["ours, native", "theirs"], ["native for one of other"]],
    [{ filter: "of OTHER" }, ["ours, native", "theirs"], ["native for one of other"]],
    [{ filter: "noble ours" }, ["ours, noble"], []],
    [{ filter: "nothing like it" }, [], []],
    [{ groups: ["secp256r1"] }, [], []],
  ])("is what %j asks for, with what it is compared with", async (asked, measured, compared) => {
    expect(namesOf((await follow(asked)).results)).toEqual({ measured, compared });
  });
});

describe("a run", () => {
  it("tells of each suite with all that is known so far, and is complete with the last", async () => {
    const { results, finished } = await follow({ suites: [planned, weighed] });
    expect(finished.map(({ suite }) => suite.name)).toEqual(["planned", "weighed"]);
    expect(finished.map(({ soFar }) => [soFar.suites.length, soFar.complete])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(finished.at(-1)?.soFar).toEqual(results);
    expect(results.options).toMatchObject({ suites: ["planned", "weighed"], profile: "quick" });
    expect(results.options).not.toHaveProperty("groups");
  });

  it("measures in several processes, each with a seed of its own, and counts in one", async () => {
    const seeds: number[] = [];
    const seeded = entry("seeded", {
      run(context) {
        seeds.push(context.options.seed);
        return carryOut(plan, context);
      },
    });
    const { results } = await follow({ suites: [seeded] });
    expect(seeds).toEqual([1, 2, 3]);
    const measured = results.suites[0]?.measurements ?? [];
    expect(measured.map(({ processes }) => processes.length)).toEqual([3, 3, 3]);
    expect(results.options.processes).toBe(3);
    seeds.length = 0;
    await follow({ suites: [{ ...seeded, isCounted: true }] });
    expect(seeds).toEqual([1]);
  });

  it("leaves out a suite in which nothing is wanted", async () => {
    const { results } = await follow({ suites: [planned, weighed], filter: "nothing like it" });
    expect(results.suites.map(({ name }) => name)).toEqual(["weighed"]);
    expect(results.complete).toBe(true);
  });

  it("that is stopped has what was measured before, and says so", async () => {
    const stop = new AbortController();
    const stopping = entry("stopping", {
      run() {
        stop.abort();
        return Promise.resolve(onlyFigures([figure]));
      },
    });
    const { results } = await follow({ suites: [stopping, planned] }, stop);
    expect(results.suites.map(({ name }) => name)).toEqual(["stopping"]);
    expect(results.complete).toBe(false);
  });
});

describe("ratios", () => {
  const slow = measuredBy("slow", [20, 21], [20, 22], [20.4, 21]);
  const fast = measuredBy("fast", [10, 10.5], [10, 11], [10.1, 10.5]);
  const same = measuredBy("same", [10, 10.4], [10.1, 11], [9.9, 10.5]);
  const comparison = (numerator: string, denominator: string) => ({
    name: `${numerator} ÷ ${denominator}`,
    dimensions: {},
    numerator,
    denominator,
  });

  it("are of the lower quartiles of each process, with p-values for the whole family", () => {
    const asked = [comparison("slow", "fast"), comparison("same", "fast")];
    const [clear, unclear] = compare([slow, fast, same], asked);
    expect(clear?.value).toBeCloseTo(2, 1);
    expect(clear?.p).toBeLessThan(0.01);
    expect(clear?.pAdjusted).toBeCloseTo((clear?.p ?? 0) * 2, 10);
    expect(clear).not.toHaveProperty("noise");
    expect(unclear?.p).toBeGreaterThan(0.05);
    expect(unclear?.noise).toMatch(/holds 1: no difference/);
  });

  it("say so where the noise is larger than the distance from the goal", () => {
    const noisy = measuredBy("noisy", [20, 21], [30, 31], [24, 25]);
    const asked = (atLeast: number) => ({ ...comparison("noisy", "fast"), goal: { atLeast } });
    const [near, far] = [2.1, 20].map((goal) => compare([noisy, fast], [asked(goal)])[0]);
    expect(near?.noise).toMatch(/holds the goal of 2\.1/);
    expect(far).not.toHaveProperty("noise");
  });

  it("are judged against 1 by those who have no goals", () => {
    const noisy = measuredBy("noisy", [20, 21], [30, 31], [24, 25]);
    const asked = { ...comparison("noisy", "fast"), goal: { atLeast: 2.1 } };
    const ratios = compare([noisy, fast], [asked]);
    const suite = { name: "a", title: "a", seconds: 1, measurements: [], figures: [], notes: [] };
    const [plain] = withoutGoals({ ...suite, ratios }).ratios;
    expect(plain).toEqual({ ...ratios[0], goal: undefined, noise: undefined });
    expect(Object.keys(plain!)).not.toContain("goal");
    expect(Object.keys(plain!)).not.toContain("noise");
    const [one] = withoutGoals({
      ...suite,
      ratios: [{ ...ratios[0]!, low: 0.9, high: 1.1 }],
    }).ratios;
    expect(one?.noise).toMatch(/holds 1/);
  });

  it("leave out what was not measured", () => {
    expect(compare([slow], [comparison("slow", "gone")])).toEqual([]);
  });

  it("leave out what one process alone has measured: nothing is known of others", () => {
    const once = measuredBy("once", [10, 11, 10, 11]);
    expect(compare([once, slow], [comparison("once", "slow")])).toEqual([]);
  });

  it("say so where an end was not seen to be warm in some process", () => {
    const [first, ...others] = fast.processes;
    const warmUp = { operations: 9, settled: false };
    const cold = { ...fast, name: "cold", processes: [{ ...first!, warmUp }, ...others] };
    const asked = [comparison("slow", "cold"), comparison("slow", "fast")];
    expect(compare([slow, fast, cold], asked).map(({ settled }) => settled)).toEqual([false, true]);
  });
});
