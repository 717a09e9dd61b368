/** What one asks of a measurement's samples. */
import { type ByProcess, quantile } from "../src/statistics/index.ts";
import type { Measurement } from "./results.ts";

/** Microseconds of CPU, by process. */
export const cpuByProcess = ({ processes }: Measurement): ByProcess =>
  processes.map(({ cpu }) => cpu);

/** Of all processes, one after the other. */
export const cpuSamples = ({ processes }: Measurement): number[] =>
  processes.flatMap(({ cpu }) => cpu);

export const wallSamples = ({ processes }: Measurement): number[] =>
  processes.flatMap(({ wall }) => wall);

/** Percentiles that single operations say something of: at least five of them lie beyond. Microseconds, by percentile. */
export function tailsOf(
  measurement: Measurement,
  of: readonly number[],
): ReadonlyMap<number, number> {
  const isSingle = measurement.processes.every(({ batch }) => batch === 1);
  const enough = percentiles.filter((p) => isSingle && of.length * (100 - p) >= 500);
  return new Map(enough.map((p) => [p, quantile(of, p / 100)]));
}

/** Of tails. */
export const percentiles = [50, 95, 99] as const;

/** False if in some process there was no time to see that it is warm. */
export const isSettled = ({ processes }: Measurement): boolean =>
  processes.every(({ warmUp }) => warmUp?.settled !== false);
