import { performance } from "node:perf_hooks";
import { environment } from "./environment.ts";
import {
  format,
  type Environment,
  type Profile,
  type Results,
  type RunOptions,
  type SuiteResult,
} from "./results.ts";
import type { Control } from "./measure.ts";
import { type Findings, merge } from "./suite.ts";
import { forked, type Order } from "./suite-process.ts";
import type { SuiteEntry } from "./suites.ts";

/** What is decided by the profile, not by the user. */
interface Extent extends Pick<RunOptions, "processes" | "rounds" | "sampleLength"> {
  /** Times the seconds of a quick run. */
  readonly patience: number;
}

const extents: Readonly<Record<Profile, Extent>> = {
  quick: { patience: 1, processes: 3, rounds: { least: 3, most: 6 }, sampleLength: 10 },
  default: { patience: 15, processes: 5, rounds: { least: 5, most: 20 }, sampleLength: 40 },
  full: { patience: 60, processes: 10, rounds: { least: 8, most: 40 }, sampleLength: 40 },
};

/** Enough for the 99th percentile of one process, and as many more as there is time for. */
const ofTails = { rounds: { least: 500, most: 5000 }, sampleLength: 0 } as const;

/** What the user asks for. */
export interface Selection extends Pick<
  RunOptions,
  "groups" | "signatures" | "cipherSuites" | "modes" | "tails" | "filter"
> {
  readonly suites: readonly SuiteEntry[];
  readonly profile: Profile;
  readonly seed: number;
  readonly providers: readonly string[];
}

/** How a run is followed and ended. */
export interface Observer {
  begun(environment: Environment): void;
  /** Ends the run early: what was measured is given all the same. */
  readonly signal: AbortSignal;
  /** Often; seconds are those that are left for all suites, about. */
  progress(suite: SuiteEntry, share: number, secondsLeft: number): void;
  /** After each suite that found something out; with all that is known so far. */
  finished(suite: SuiteResult, results: Results): void;
}

/** Runs a suite once. */
export type RunOnce = (entry: SuiteEntry, order: Order, control: Control) => Promise<Findings>;

/**
 * Runs the suites one after the other, each in several processes.
 * @param runOnce absent: in a process of its own
 */
export async function run(
  selection: Selection,
  observer: Observer,
  runOnce: RunOnce = forked,
): Promise<Results> {
  const { patience, ...extent } = extents[selection.profile];
  const options: RunOptions = {
    ...selection,
    suites: selection.suites.map(({ name }) => name),
    ...extent,
    ...(selection.tails && ofTails),
  };
  const { signal } = observer;
  const done: SuiteResult[] = [];
  const where = environment();
  observer.begun(where);
  const results = (complete: boolean): Results => ({
    format,
    environment: where,
    options,
    complete,
    suites: [...done],
  });
  for (const [at, entry] of selection.suites.entries()) {
    if (signal.aborted) break;
    const { name, title, seconds } = entry;
    const later = selection.suites.slice(at + 1).reduce((sum, suite) => sum + suite.seconds, 0);
    const processes = entry.isCounted ? 1 : options.processes;
    const begun = performance.now();
    const all: Findings[] = [];
    while (all.length < processes && !signal.aborted) {
      const progress = (ofProcess: number): void => {
        const share = (all.length + ofProcess) / processes;
        observer.progress(entry, share, ((1 - share) * seconds + later) * patience);
      };
      progress(0);
      const seed = options.seed + all.length;
      const budget = (seconds * patience) / processes;
      all.push(await runOnce(entry, { options, seed, budget }, { signal, progress }));
    }
    const findings = merge(all);
    if (findings.measurements.length + findings.figures.length === 0) continue;
    const took = (performance.now() - begun) / 1000;
    const suite = { name, title, seconds: took, ...findings };
    done.push(suite);
    const isLast = at === selection.suites.length - 1;
    observer.finished(suite, results(isLast && !signal.aborted));
  }
  return results(!signal.aborted);
}
