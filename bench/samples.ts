/** What one asks of a measurement's samples. */
import type { ByProcess } from "../src/statistics/index.ts";
import type { Measurement } from "./results.ts";

/** Microseconds of CPU, by process. */
export const cpuByProcess = ({ processes }: Measurement): ByProcess =>
  processes.map(({ cpu }) => cpu);

/** Of all processes, one after the other. */
export const cpuSamples = ({ processes }: Measurement): number[] =>
  processes.flatMap(({ cpu }) => cpu);

export const wallSamples = ({ processes }: Measurement): number[] =>
  processes.flatMap(({ wall }) => wall);

/** False if in some process there was no time to see that it is warm. */
export const isSettled = ({ processes }: Measurement): boolean =>
  processes.every(({ warmUp }) => warmUp?.settled !== false);
