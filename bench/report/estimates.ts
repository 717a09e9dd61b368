import { costOf as costOver, type Estimate } from "../../src/statistics/index.ts";
import type { Measurement } from "../results.ts";
import { cpuByProcess } from "../samples.ts";

const known = new WeakMap<Measurement, Estimate>();

/** The CPU time in microseconds, with a 95 % interval over processes. */
export function costOf(measurement: Measurement): Estimate {
  const found = known.get(measurement) ?? costOver(cpuByProcess(measurement));
  known.set(measurement, found);
  return found;
}
