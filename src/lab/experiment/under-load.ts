/**
 * Many handshakes of a cell at once: they wait for the cores that do their work, and on a shared path for each other's
 * packets. Nothing runs before the first, so a closed loop begins with all of its clients at one moment.
 */
import { Cores, type Network, runLoad } from "../network/index.ts";
import type { FactorValues } from "./factors.ts";
import type { TimedScript } from "./script.ts";

/** How handshakes come, and how many cores do their work. */
export type Load = Exclude<FactorValues["load"], "none">;

/** @returns ms of each handshake, in the order in which they began; `NaN`: it failed */
export function underLoad(
  network: Network,
  { script, until }: TimedScript,
  load: Load,
  { handshakes, seed }: { readonly handshakes: number; readonly seed: string },
): Float64Array {
  const { cores: count, of = "server", path = "own" } = load;
  const cores = new Cores(count);
  return runLoad(network, script, {
    arrivals: "parallel" in load ? { parallel: load.parallel } : { perSecond: load.perSecond },
    handshakes,
    seed,
    until,
    path,
    processors: { server: cores, ...(of === "both" && { client: cores }) },
  });
}
