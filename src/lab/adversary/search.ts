/** Looks for what it should not find: mutated handshakes, steered by what is new in how they end. */
import { type Provider, seededRandom } from "../../crypto/index.ts";
import { imitationOf } from "./imitation.ts";
import { seededDraws } from "./mutate.ts";
import type { Step } from "./step.ts";
import { MaliciousBench } from "./malicious-trial.ts";
import { memoryMeter, mostRetained, RetainedMeter } from "./retained.ts";
import { attemptInTime, Bench, type SearchProblem, shrink, type Trials } from "./trial.ts";

export const adversaries = ["on-path", "malicious-peer"] as const;
export type Adversary = (typeof adversaries)[number];

export interface SearchOptions {
  readonly seconds: number;
  /** Handshakes, at most. Default: as many as the time allows. */
  readonly limit?: number;
  /** Problems, at most. Default: 20. */
  readonly maxProblems?: number;
  readonly seed: string;
  /** Who mutates: somebody between two honest ends, or one of the ends. Default: `on-path`. */
  readonly adversary?: Adversary;
  readonly makeProvider: (options: object) => Provider;
  /**
   * Cryptography of no strength in the provider's place: more is tried in the time, and a seed and a limit come to the same
   * everywhere. No primitive is exercised. Default: false.
   */
  readonly imitate?: boolean;
  /** Told now and then how far it is. */
  readonly onProgress?: (so: SearchProgress) => void;
}

/** How far a search is. */
export interface SearchProgress {
  /** Mutated handshakes. */
  readonly done: number;
  /** Since it began. */
  readonly seconds: number;
  readonly problems: number;
}

/** Handshakes after which a search says how far it is. */
export const progressEvery = 100;

export interface SearchReport {
  readonly seed: string;
  readonly adversary: Adversary;
  readonly provider: string;
  readonly seconds: number;
  /** Of one processor, without what others did to it. */
  readonly cpuSeconds: number;
  readonly handshakes: number;
  /** Different ways in which a connection ended: code, place and state of both ends. */
  readonly outcomes: number;
  /** How often each message or record was what a mutation was made of: `client client_hello`. */
  readonly places: Readonly<Record<string, number>>;
  /** How often each error code ended one end; its state if none did. */
  readonly codes: Readonly<Record<string, number>>;
  readonly heap: HeapReport;
  readonly problems: readonly SearchProblem[];
}

/** Bytes in use after a full collection, without what the search remembers itself. */
export interface HeapReport {
  /** After the first thousand handshakes. */
  readonly start: number;
  readonly end: number;
  /** What one end of a handshake still holds when nothing more comes, in the mean of the heaviest fifty handshakes. */
  readonly perEnd?: number;
  /** True if that is more than caches and compiled code can be, or one end holds more than 64 KiB. */
  readonly grew: boolean;
}

const warmUp = 1000;
/** Bytes. */
const maxGrowth = 8 * 2 ** 20;

export function search(options: SearchOptions): SearchReport {
  const real = options.makeProvider({});
  const provider = options.imitate ? imitationOf(real, seededRandom(options.seed)) : real;
  return options.adversary === "malicious-peer"
    ? searchWith(new MaliciousBench(provider), options)
    : searchWith(new Bench(provider), options);
}

function searchWith<S>(bench: Trials<S>, options: SearchOptions): SearchReport {
  const { seconds, limit = Infinity, seed, adversary = "on-path", maxProblems = 20 } = options;
  const memoryInUse = memoryMeter();
  const retained = new RetainedMeter(memoryInUse);
  const roll = seededDraws(seed);
  const seen = new Set<string>();
  const promising: { readonly setting: S; readonly steps: readonly Step[] }[] = [];
  const places: Record<string, number> = {};
  const codes: Record<string, number> = {};
  const problems: SearchProblem[] = [];
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const until = begin + seconds * 1000;
  let start = memoryInUse();
  let handshakes = 0;
  while (handshakes < limit && performance.now() < until && problems.length < maxProblems) {
    // What led to something new is gone on from
    const base =
      promising.length > 0 && roll(3) === 0 ? promising[roll(promising.length)] : undefined;
    const setting = base?.setting ?? bench.choose(roll);
    const attempt = attemptInTime(bench, setting, base?.steps ?? [], roll);
    // Where the ends had less to say than the draws asked for, nothing was mutated
    const newest = attempt.steps.at(-1);
    if (newest === undefined) continue;
    handshakes++;
    if (options.onProgress !== undefined && handshakes % progressEvery === 0) {
      const elapsed = (performance.now() - begin) / 1000;
      options.onProgress({ done: handshakes, seconds: elapsed, problems: problems.length });
    }
    retained.take(attempt.ends);
    count(places, `${newest.from} ${newest.on}`);
    for (const code of attempt.codes) count(codes, code);
    if (!seen.has(attempt.outcome) && attempt.steps.length < 4) {
      promising.push({ setting, steps: attempt.steps });
    }
    seen.add(attempt.outcome);
    if (attempt.problem !== undefined && !problems.some(({ what }) => what === attempt.problem)) {
      problems.push({
        handshake: handshakes,
        ...shrink(bench, setting, attempt, problems.length + 1),
      });
    }
    if (handshakes === warmUp) start = memoryInUse();
  }
  const { user, system } = process.cpuUsage(cpu);
  const outcomes = seen.size;
  // What the search remembers itself is not growth
  seen.clear();
  promising.length = 0;
  const end = memoryInUse();
  const perEnd = retained.most;
  return {
    seed,
    adversary,
    provider: bench.provider.name,
    seconds: (performance.now() - begin) / 1000,
    cpuSeconds: (user + system) / 1e6,
    handshakes,
    outcomes,
    places,
    codes,
    heap: {
      start,
      end,
      ...(perEnd === undefined ? {} : { perEnd }),
      grew: end - start > maxGrowth || (perEnd ?? 0) > mostRetained,
    },
    problems,
  };
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
