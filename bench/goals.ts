/** What is made of goals. It needs no package, so that reports need none. */
import type { Ratio, SuiteResult } from "./results.ts";

/** A suite as others may read it: what this project wants to reach is left out. */
export const withoutGoals = (suite: SuiteResult): SuiteResult => ({
  ...suite,
  ratios: suite.ratios.map((given) => {
    const ratio = without(without(given, "goal"), "noise");
    const noise = noiseIn(ratio);
    return noise === undefined ? ratio : { ...ratio, noise };
  }),
  figures: suite.figures.map((figure) => without(figure, "goal")),
});

/** Says so where the interval is too wide for what was asked. */
export function noiseIn({
  low,
  high,
  goal,
}: Pick<Ratio, "low" | "high" | "goal">): string | undefined {
  const asked = goal === undefined ? 1 : "atMost" in goal ? goal.atMost : goal.atLeast;
  if (asked < low || asked > high) return undefined;
  return goal === undefined
    ? "the interval holds 1: no difference was seen through the noise"
    : `the interval holds the goal of ${asked}: the noise is larger than the distance from it`;
}

function without<T extends object, K extends keyof T>(value: T, member: K): Omit<T, K> {
  const rest = { ...value };
  delete rest[member];
  return rest;
}
