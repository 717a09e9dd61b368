import { number } from "../registry/check.ts";

const day = 86_400_000;

/** Milliseconds, at most ten thousand years: every time to which they are added can be written. */
export const duration = number(0, 10_000 * 365 * day, " milliseconds");

const units: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: day,
  w: 7 * day,
  y: 365 * day,
};

/** Milliseconds of `15m`, `24h`, `90d`, `2w` or `10y`; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,6})([smhdwy])$/.exec(text) ?? [];
  const milliseconds = Number(count) * (units[unit] ?? Number.NaN);
  return milliseconds > 0 ? milliseconds : undefined;
}

/** The same in the largest unit that fits. */
export function printDuration(milliseconds: number): string {
  const [unit, size] = Object.entries(units)
    .filter(([name, each]) => name !== "w" && milliseconds % each === 0)
    .at(-1) ?? ["s", 1000];
  return `${Math.round(milliseconds / size)}${unit}`;
}
