import { performance } from "node:perf_hooks";
import { Bench, type Task } from "tinybench";
import { random, shuffled } from "./statistics.ts";

/** One thing whose cost is asked for. */
export interface Candidate {
  readonly name: string;
  /** One operation; a promise is awaited before the next begins. */
  readonly run: () => unknown;
  /** Makes what the next `count` operations use up. Not measured. */
  readonly prepare?: (count: number) => void;
  /** Bytes that one operation moves, if that is what counts. */
  readonly bytes?: number;
}

/** What was measured of one candidate. Samples stand in the order in which they were taken. */
export interface Measurement {
  readonly name: string;
  /** Operations of one sample. */
  readonly batch: number;
  readonly bytes?: number;
  /** Microseconds of CPU, user and system, of the whole process for one operation. */
  readonly cpu: readonly number[];
  /** Microseconds of the clock for one operation. */
  readonly wall: readonly number[];
}

export interface MeasureOptions {
  readonly rounds: number;
  /** CPU milliseconds of one sample, about. */
  readonly sampleLength: number;
  /** CPU milliseconds of warm-up of each candidate, at least. */
  readonly warmUp: number;
  /** Operations of warm-up of each candidate, at least: code is compiled by how often it runs. */
  readonly warmUpOperations: number;
  readonly seed: number;
}

/** Microseconds of CPU time that this process has used, all its threads included. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const cpuClock = {
  name: "process.cpuUsage",
  fn: cpuTime,
  toMs: (value: number | bigint) => Number(value) / 1000,
  fromMs: (milliseconds: number) => milliseconds * 1000,
};

/**
 * Measures candidates in turns: each round takes one sample of each, in an order that is shuffled anew,
 * so that whatever else the machine does meets all alike. The clock is CPU time, which counts work and
 * not waiting.
 */
export async function measure(
  candidates: readonly Candidate[],
  options: MeasureOptions,
): Promise<Measurement[]> {
  const subjects: Subject[] = [];
  for (const candidate of candidates) subjects.push(await subjectOf(candidate, options));
  const draw = random(options.seed);
  for (let round = 0; round < options.rounds; round++) {
    for (const subject of shuffled(subjects, draw)) await sample(subject);
  }
  return subjects.map(({ candidate, batch, cpu, wall }) => ({
    name: candidate.name,
    batch,
    ...(candidate.bytes === undefined ? {} : { bytes: candidate.bytes }),
    cpu,
    wall,
  }));
}

interface Subject {
  readonly candidate: Candidate;
  readonly batch: number;
  readonly cpu: number[];
  readonly wall: number[];
  readonly task: Task;
}

async function subjectOf(candidate: Candidate, options: MeasureOptions): Promise<Subject> {
  const batch = await warmUp(candidate, options);
  const wall: number[] = [];
  let start = 0;
  const bench = new Bench({
    timestampProvider: cpuClock,
    iterations: 1,
    time: 0,
    warmup: false,
    throws: true,
  });
  bench.add(candidate.name, () => runMany(candidate, batch), {
    async: true,
    beforeEach() {
      candidate.prepare?.(batch);
      start = performance.now();
    },
    afterEach: () => void wall.push(((performance.now() - start) * 1000) / batch),
  });
  return { candidate, batch, cpu: [], wall, task: bench.getTask(candidate.name)! };
}

/** Runs a candidate until its code is compiled; returns how many operations make one sample. */
async function warmUp(candidate: Candidate, options: MeasureOptions): Promise<number> {
  const { sampleLength, warmUp: least, warmUpOperations } = options;
  let batch = 1;
  let operations = 0;
  let spent = 0;
  for (;;) {
    candidate.prepare?.(batch);
    const start = cpuTime();
    await runMany(candidate, batch);
    const milliseconds = (cpuTime() - start) / 1000;
    spent += milliseconds;
    operations += batch;
    const isLong = milliseconds >= sampleLength / 2;
    if (isLong && spent >= least && operations >= warmUpOperations) {
      return Math.max(1, Math.round((batch * sampleLength) / milliseconds));
    }
    if (!isLong) batch *= 2;
  }
}

/** One run of tinybench is one sample: it sorts those of a run, and their order is wanted. */
async function sample({ task, batch, cpu }: Subject): Promise<void> {
  task.reset(false);
  await task.run();
  if (task.result.state !== "completed") throw new Error(`${task.name}: ${task.result.state}`);
  cpu.push((task.result.latency.mean * 1000) / batch);
}

/** Awaits only what is a promise: an `await` costs a microtask. */
async function runMany({ run }: Candidate, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const outcome = run();
    if (outcome instanceof Promise) await outcome;
  }
}
