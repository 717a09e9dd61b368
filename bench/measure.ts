import { performance } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { type Spent, stopwatch } from "./clock.ts";
import { cpuTime } from "./cpu-time.ts";
import { random, shuffled } from "../src/statistics/index.ts";
import type { Dimensions, Measurement, Samples } from "./results.ts";
import { WarmUp } from "./warm-up.ts";

/** One thing whose cost is asked for. */
export interface Candidate {
  readonly name: string;
  readonly dimensions: Dimensions;
  /** Bytes that one operation moves, if that is what counts. */
  readonly bytes?: number;
  /** It is there to compare with: without a comparison nobody asks for it. */
  readonly isReference?: boolean;
  /** Makes what it needs. Called once, before anything is measured. @throws Unavailable */
  readonly setUp: () => Subject | Promise<Subject>;
}

/** A candidate that can run. */
export interface Subject {
  /** One operation; a promise is awaited before the next begins. */
  readonly run: () => unknown;
  /** Makes what the next `count` operations use up. Not measured. */
  readonly prepare?: (count: number) => void | Promise<void>;
  /** What was spent since it was last asked, where that is not all that this process spends. */
  readonly take?: () => Spent;
  /** Shares of an operation, which are measurements of their own. */
  readonly parts?: readonly Part[];
  /** Each operation is a new process: nothing gets warm. */
  readonly isCold?: boolean;
  readonly tearDown?: () => void | Promise<void>;
}

export interface Part {
  readonly name: string;
  readonly dimensions: Dimensions;
  /** What it spent since it was last asked. */
  readonly take: () => Spent;
}

/** A candidate cannot be measured here; the message says why, and becomes a note. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

export interface Effort {
  /** Seconds of the clock for all candidates together, from which the least of the rounds may depart. */
  readonly budget: number;
  readonly rounds: { readonly least: number; readonly most: number };
  /** CPU milliseconds of one sample, at most; less where the budget asks for it. 0: one operation. */
  readonly sampleLength: number;
  readonly seed: number;
}

/** How one follows, and ends, what takes long. */
export interface Control {
  readonly signal: AbortSignal;
  /** The share of the work that is done, from 0 to 1. */
  progress(share: number): void;
}

/** What this process measured. */
export interface Measured {
  /** Each with the samples of one process. */
  readonly measurements: readonly Measurement[];
  /** Why candidates are missing. */
  readonly notes: readonly string[];
}

/**
 * Measures candidates in turns: each round takes one sample of each, in an order that is shuffled anew,
 * so that whatever else the machine does meets all alike. The clock is CPU time, which counts work and
 * not waiting. If it is stopped it gives what it has.
 */
export async function measure(
  candidates: readonly Candidate[],
  effort: Effort,
  control: Control,
): Promise<Measured> {
  const begun = performance.now();
  const notes: string[] = [];
  const guard = new Guard(control.signal);
  const runners: Runner[] = [];
  const elapsed = (): number => (performance.now() - begun) / 1000 / effort.budget;
  const proceed = async (): Promise<boolean> => {
    control.progress(Math.min(0.99, elapsed()));
    // Signals and sockets get their turn, where all candidates are synchronous
    await turn();
    return !control.signal.aborted;
  };
  try {
    for (const candidate of candidates) {
      try {
        if (!(await proceed())) break;
        const subject = await guard.within(candidate.name, Promise.resolve(candidate.setUp()));
        if (subject !== undefined) runners.push(new Runner(candidate, subject));
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        if (!notes.includes(error.message)) notes.push(error.message);
      }
    }
    await warmUp(runners, effort, elapsed, proceed, guard);
    const left = Math.max(0, (1 - elapsed()) * effort.budget * 1000);
    const affordable = left / (effort.rounds.least * runners.length);
    const length = Math.max(1, Math.min(effort.sampleLength, affordable));
    for (const runner of runners) {
      runner.batch = effort.sampleLength === 0 ? 1 : runner.warmUp.batchOf(length);
    }
    await sampleAll(runners, effort, elapsed, proceed, guard);
  } finally {
    for (const { subject } of runners) await subject.tearDown?.();
  }
  return { measurements: runners.flatMap((runner) => runner.measurements()), notes };
}

/** CPU milliseconds of a sample of many operations. */
const usualLength = 10;

/** The share of the budget that may go into it. */
const warmUpShare = 0.5;

/** In turns too: code that candidates share must have met them all. */
async function warmUp(
  runners: readonly Runner[],
  { sampleLength }: Effort,
  elapsed: () => number,
  proceed: () => Promise<boolean>,
  guard: Guard,
): Promise<void> {
  let open = runners.filter(({ subject }) => subject.isCold !== true);
  while (open.length > 0) {
    for (const { name, subject, warmUp: state } of open) {
      if (!(await proceed())) return;
      const window = state.window((sampleLength || usualLength) / 2, async (count) => {
        await subject.prepare?.(count);
        const start = cpuTime();
        await runMany(subject, count);
        return cpuTime() - start;
      });
      await guard.within(name, window);
    }
    open = elapsed() < warmUpShare ? open.filter(({ warmUp: state }) => !state.settled) : [];
  }
}

async function sampleAll(
  runners: readonly Runner[],
  { rounds, seed }: Effort,
  elapsed: () => number,
  proceed: () => Promise<boolean>,
  guard: Guard,
): Promise<void> {
  const draw = random(seed);
  for (let round = 1; round <= rounds.most; round++) {
    const before = elapsed();
    for (const runner of shuffled(runners, draw)) {
      if (!(await proceed())) return;
      await guard.within(runner.name, runner.sample());
    }
    const after = elapsed();
    if (round >= rounds.least && after + (after - before) > 1) return;
  }
}

/** Seconds after which something asynchronous is not awaited any more. */
const patience = 60;

/** Waits for what may never end. */
class Guard {
  readonly #stopped: Promise<undefined>;

  constructor(signal: AbortSignal) {
    this.#stopped = new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(undefined));
    });
  }

  /** What comes of it; `undefined` if all is stopped before. */
  async within<T>(name: string, work: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`${name} has not ended after ${patience} s`);
      timer = setTimeout(() => reject(error), patience * 1000);
    });
    try {
      return await Promise.race([work, late, this.#stopped]);
    } finally {
      clearTimeout(timer);
    }
  }
}

type Taken = { readonly [K in "cpu" | "wall"]: number[] };

class Runner {
  readonly subject: Subject;
  readonly warmUp = new WarmUp();
  batch = 1;
  readonly #candidate: Candidate;
  readonly #own: Taken = { cpu: [], wall: [] };
  readonly #parts: readonly (Part & Taken)[];
  readonly #clocked: () => Promise<Spent>;

  constructor(candidate: Candidate, subject: Subject) {
    this.subject = subject;
    this.#candidate = candidate;
    this.#parts = (subject.parts ?? []).map((part) => ({ ...part, cpu: [], wall: [] }));
    this.#clocked = stopwatch(candidate.name, () => runMany(subject, this.batch));
  }

  get name(): string {
    return this.#candidate.name;
  }

  async sample(): Promise<void> {
    const { subject, batch } = this;
    await subject.prepare?.(batch);
    // What preparing spent is no part of it
    subject.take?.();
    for (const part of this.#parts) part.take();
    const measured = await this.#clocked();
    record(this.#own, subject.take?.() ?? measured, batch);
    for (const part of this.#parts) record(part, part.take(), batch);
  }

  measurements(): Measurement[] {
    if (this.#own.cpu.length === 0) return [];
    const { name, dimensions, bytes } = this.#candidate;
    const { operations, settled } = this.warmUp;
    const processOf = ({ cpu, wall }: Taken): Samples => ({
      batch: this.batch,
      cpu,
      wall,
      ...(this.subject.isCold ? {} : { warmUp: { operations, settled } }),
    });
    return [
      {
        name,
        dimensions,
        ...(bytes === undefined ? {} : { bytes }),
        processes: [processOf(this.#own)],
      },
      ...this.#parts.map((part) => ({
        name: part.name,
        dimensions: part.dimensions,
        processes: [processOf(part)],
      })),
    ];
  }
}

function record(samples: Taken, { cpu, wall }: Spent, batch: number): void {
  samples.cpu.push(cpu / batch);
  samples.wall.push(wall / batch);
}

async function runMany({ run }: Subject, count: number): Promise<void> {
  // Awaits only what is a promise: an `await` costs a microtask
  for (let i = 0; i < count; i++) {
    const outcome = run();
    if (outcome instanceof Promise) await outcome;
  }
}
