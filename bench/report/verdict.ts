import type { Goal } from "../results.ts";
import type { Cell, Tone } from "../../src/report/document.ts";

/**
 * How a value stands to its goal. Where an interval spans the goal, the data does not say: the value
 * may be on the good side by chance.
 */
export function toneOf(goal: Goal, low: number, high: number): Tone {
  const isGood = (value: number): boolean => reaches(value, goal);
  if (isGood(low) && isGood(high)) return "reached";
  return isGood(low) || isGood(high) ? "open" : "missed";
}

const reaches = (value: number, goal: Goal): boolean =>
  "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;

export function verdictOf(goal: Goal, value: number, low = value, high = value): Cell {
  const tone = toneOf(goal, low, high);
  if (tone !== "open") return { text: tone, tone };
  return { text: reaches(value, goal) ? "reached, within noise" : "missed, within noise", tone };
}

export const goalText = (goal: Goal): string =>
  "atMost" in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
