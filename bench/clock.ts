import { performance } from "node:perf_hooks";
import { Bench } from "tinybench";
import { cpuTime } from "./cpu-time.ts";

/** Microseconds. */
export interface Spent {
  /** User and system time. */
  readonly cpu: number;
  readonly wall: number;
}

const cpuClock = {
  name: "process.cpuUsage",
  fn: cpuTime,
  toMs: (value: number | bigint) => Number(value) / 1000,
  fromMs: (milliseconds: number) => milliseconds * 1000,
};

/**
 * A function that runs the work once and says what it took. One run of tinybench is one sample: it sorts
 * those of a run, and their order is wanted.
 */
export function stopwatch(name: string, work: () => Promise<void>): () => Promise<Spent> {
  const bench = new Bench({
    timestampProvider: cpuClock,
    iterations: 1,
    time: 0,
    warmup: false,
    throws: true,
  });
  let wall = 0;
  const timed = async (): Promise<void> => {
    const start = performance.now();
    await work();
    wall = (performance.now() - start) * 1000;
  };
  const task = bench.add(name, timed, { async: true }).getTask(name);
  return async () => {
    task?.reset(false);
    await task?.run();
    if (task?.result.state !== "completed") throw new Error(`${name} did not run to its end`);
    return { cpu: task.result.latency.mean * 1000, wall };
  };
}

/** Adds up what is spent on one share of the work, call by call. */
export class Account {
  #cpu = 0;
  #wall = 0;

  /** Runs it on this account. */
  charge<T>(work: () => T): T {
    const cpu = cpuTime();
    const wall = performance.now();
    try {
      return work();
    } finally {
      this.#wall += (performance.now() - wall) * 1000;
      this.#cpu += cpuTime() - cpu;
    }
  }

  /** Books what was measured elsewhere. */
  book({ cpu, wall }: Spent): void {
    this.#cpu += cpu;
    this.#wall += wall;
  }

  /** The sum since it was last asked. */
  take = (): Spent => {
    const spent = { cpu: this.#cpu, wall: this.#wall };
    this.#cpu = 0;
    this.#wall = 0;
    return spent;
  };
}
