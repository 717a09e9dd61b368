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
import type { Context, Named } from "./suite.ts";
import type { SuiteEntry } from "./suites.ts";

/** What is decided by the profile, not by the user. */
interface Extent extends Pick<RunOptions, "rounds" | "sampleLength"> {
  /** Times the seconds of a quick run. */
  readonly patience: number;
}

const extents: Readonly<Record<Profile, Extent>> = {
  quick: { patience: 1, rounds: { least: 5, most: 12 }, sampleLength: 15 },
  default: { patience: 8, rounds: { least: 8, most: 80 }, sampleLength: 40 },
  full: { patience: 40, rounds: { least: 12, most: 200 }, sampleLength: 40 },
};

/** What the user asks for. */
export interface Wish {
  readonly suites: readonly SuiteEntry[];
  readonly profile: Profile;
  readonly seed: number;
  readonly providers: readonly string[];
  readonly groups?: readonly string[];
  readonly filter?: string;
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

/** Runs the suites one after the other. */
export async function run(wish: Wish, observer: Observer): Promise<Results> {
  const { patience, ...extent } = extents[wish.profile];
  const options: RunOptions = {
    ...wish,
    suites: wish.suites.map(({ name }) => name),
    ...extent,
  };
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
  for (const [at, entry] of wish.suites.entries()) {
    if (observer.signal.aborted) break;
    const { name, title, seconds } = entry;
    const later = wish.suites.slice(at + 1).reduce((sum, suite) => sum + suite.seconds, 0);
    const begun = performance.now();
    const context: Context = {
      options,
      budget: seconds * patience,
      signal: observer.signal,
      progress: (share) =>
        observer.progress(entry, share, ((1 - share) * seconds + later) * patience),
      wants: (what, ...also) => isWanted(options, what, also),
    };
    context.progress(0);
    const findings = await (await entry.load()).run(context);
    const { measurements, figures } = findings;
    if (measurements.length + figures.length === 0) continue;
    const took = (performance.now() - begun) / 1000;
    const suite = { name, title, seconds: took, ...findings };
    done.push(suite);
    const isLast = at === wish.suites.length - 1;
    observer.finished(suite, results(isLast && !observer.signal.aborted));
  }
  return results(!observer.signal.aborted);
}

function isWanted(
  { providers, groups, filter = "" }: RunOptions,
  { name, dimensions }: Named,
  also: readonly string[],
): boolean {
  const { provider, group } = dimensions;
  if (provider !== undefined && !providers.includes(provider)) return false;
  if (group !== undefined && groups !== undefined && !groups.includes(group)) return false;
  const words = filter.toLowerCase().split(/\s+/);
  return [[name, ...Object.values(dimensions)].join(" "), ...also]
    .map((text) => text.toLowerCase())
    .some((text) => words.every((word) => text.includes(word)));
}
