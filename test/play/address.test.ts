import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, experimentOf, limits, usual } from "../../src/play/address.ts";

const names = fc.array(fc.stringMatching(/^[A-Za-z0-9_]{1,12}$/), { minLength: 1, maxLength: 3 });
/** As it comes back from JSON: without negative zeros and the like. */
const jsonOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const experiments = fc.record({
  groups: names,
  shares: fc.oneof(fc.constant<string[]>([]), names),
  serverGroups: names,
  suites: names,
  signatures: fc.oneof(fc.constant<string[]>([]), names),
  credential: fc.string(),
  chain: fc.oneof(fc.constant<string[]>([]), names),
  mutual: fc.boolean(),
  resume: fc.boolean(),
  earlyData: fc.boolean(),
  steps: fc.array(
    fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()).map((step) => jsonOf(step)),
  ),
  attack: fc.string(),
  kem: fc.string(),
  joined: fc.string(),
  compute: fc.boolean(),
  rtt: fc.integer({ min: limits.rtt[0], max: limits.rtt[1] }),
  loss: fc.integer({ min: limits.loss[0], max: limits.loss[1] }),
  window: fc.integer({ min: limits.window[0], max: limits.window[1] }),
  draw: fc.integer({ min: limits.draw[0], max: limits.draw[1] }),
});

describe("the address of an experiment", () => {
  it("says nothing of what is usual", () => {
    expect(addressOf(usual)).toBe("");
    expect(addressOf({ ...usual, mutual: true })).toBe("?mutual=true");
  });

  it("is the experiment", () => {
    fc.assert(
      fc.property(experiments, (experiment) => {
        expect(experimentOf(addressOf(experiment))).toEqual(experiment);
      }),
    );
  });

  it.each([
    ["?nonsense=1", /unknown part: nonsense/],
    ["?__proto__=1", /unknown part/],
    ["?mutual=yes", /mutual: true or false, not yes/],
    ["?rtt=-1", /rtt: a number from 0 to 1000, not -1/],
    ["?loss=", /loss: a number/],
    ["?window=NaN", /window: a number/],
    ["?draw=1e9", /draw: a number/],
    ["?steps=[", /steps: a list of steps as JSON, not \[/],
    ["?steps={}", /steps: a list of steps/],
    ["?steps=null", /steps: a list of steps/],
    ["?steps=[1]", /steps: a list of steps/],
    ["?steps=[[]]", /steps: a list of steps/],
  ])("is refused: %s", (query, message) => {
    expect(() => experimentOf(query)).toThrow(message);
  });
});
