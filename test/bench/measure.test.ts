import { describe, expect, it } from "vitest";
import { Account } from "../../bench/clock.ts";
import {
  type Candidate,
  type Effort,
  measure,
  type Subject,
  Unavailable,
} from "../../bench/measure.ts";
import { WarmUp } from "../../bench/warm-up.ts";

const effort: Effort = {
  budget: 0.2,
  rounds: { least: 3, most: 4 },
  sampleLength: 2,
  seed: 1,
};
const control = (signal = new AbortController().signal) => ({ signal, progress: () => {} });

const candidate = (name: string, subject: Subject, more: Partial<Candidate> = {}): Candidate => ({
  name,
  dimensions: { operation: name },
  ...more,
  setUp: () => subject,
});

/** Uses the processor for about so many microseconds. */
function work(microseconds = 50): void {
  const end = performance.now() + microseconds / 1000;
  while (performance.now() < end);
}

describe("measure", () => {
  it("takes samples of one operation each where their length is 0", async () => {
    const { measurements } = await measure(
      [candidate("a", { run: () => work(20) })],
      { ...effort, sampleLength: 0, rounds: { least: 120, most: 150 } },
      control(),
    );
    const [{ batch, cpu } = { batch: 0, cpu: [] }] = measurements[0]!.processes;
    expect(batch).toBe(1);
    expect(cpu.length).toBeGreaterThanOrEqual(120);
    const usual = await measure([candidate("a", { run: () => work(20) })], effort, control());
    expect(usual.measurements[0]!.processes[0]!.batch).toBeGreaterThan(1);
  });

  it("takes samples of each candidate in turns, and keeps what it was told", async () => {
    const order: string[] = [];
    const subject = (name: string): Subject => ({
      run: () => work(),
      prepare: () => void order.push(name),
    });
    const { measurements, notes } = await measure(
      [candidate("a", subject("a"), { bytes: 64 }), candidate("b", subject("b"))],
      { ...effort, budget: 0.001 },
      control(),
    );
    expect(notes).toEqual([]);
    expect(measurements.map(({ name, bytes }) => [name, bytes])).toEqual([
      ["a", 64],
      ["b", undefined],
    ]);
    for (const { processes, dimensions, name } of measurements) {
      expect(processes).toHaveLength(1);
      const { cpu, wall, batch, warmUp } = processes[0]!;
      expect(cpu).toHaveLength(3);
      expect(wall).toHaveLength(3);
      expect(cpu.every((value) => value > 0)).toBe(true);
      expect(dimensions).toEqual({ operation: name });
      expect(batch).toBeGreaterThanOrEqual(1);
      expect(warmUp?.settled).toBe(false);
    }
    // The last three rounds have one of each
    const rounds = [order.slice(-6, -4), order.slice(-4, -2), order.slice(-2)];
    for (const round of rounds) expect(round.toSorted()).toEqual(["a", "b"]);
  });

  it("takes no more than the most of the rounds, however much time there is", async () => {
    const [only] = (await measure([candidate("a", { run: () => work() })], effort, control()))
      .measurements;
    expect(only?.processes[0]?.cpu).toHaveLength(4);
  });

  it("awaits promises, one operation after the other", async () => {
    let running = 0;
    let together = 0;
    const run = async (): Promise<void> => {
      together = Math.max(together, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await measure([candidate("a", { run })], effort, control());
    expect(together).toBe(1);
  });

  it("gives shares of an operation as measurements of their own", async () => {
    const account = new Account();
    const subject: Subject = {
      run() {
        work();
        account.charge(() => work());
      },
      parts: [{ name: "a, half", dimensions: { role: "half" }, take: account.take }],
    };
    const { measurements } = await measure([candidate("a", subject)], effort, control());
    const [whole, half] = measurements;
    expect(half).toMatchObject({ name: "a, half", dimensions: { role: "half" } });
    const [ofHalf, ofWhole] = [half, whole].map((each) => each?.processes[0]);
    expect(ofHalf?.cpu).toHaveLength(ofWhole?.cpu.length ?? 0);
    for (const [at, cost] of (ofHalf?.wall ?? []).entries()) {
      expect(cost).toBeGreaterThan(0);
      expect(cost).toBeLessThan(ofWhole?.wall[at] ?? 0);
    }
  });

  it("takes the word of a subject whose work is elsewhere, and warms nothing up", async () => {
    let runs = 0;
    const account = new Account();
    const subject: Subject = {
      isCold: true,
      run() {
        runs++;
        account.book({ cpu: 1000, wall: 2000 });
      },
      take: account.take,
    };
    const { measurements } = await measure([candidate("a", subject)], effort, control());
    const [only] = measurements;
    expect(only?.processes[0]?.cpu).toEqual([1000, 1000, 1000, 1000]);
    expect(only?.processes[0]?.wall).toEqual([2000, 2000, 2000, 2000]);
    expect(only?.processes[0]).not.toHaveProperty("warmUp");
    expect(runs).toBe(4);
  });

  it("goes on without what is not available, and says why once", async () => {
    const missing = (name: string): Candidate => ({
      ...candidate(name, { run: () => work() }),
      setUp() {
        throw new Unavailable("not installed");
      },
    });
    const here = candidate("here", { run: () => work() });
    const { measurements, notes } = await measure(
      [missing("a"), here, missing("b")],
      effort,
      control(),
    );
    expect(measurements.map(({ name }) => name)).toEqual(["here"]);
    expect(notes).toEqual(["not installed"]);
  });

  it("lets other errors through, after it has cleaned up", async () => {
    const ended: string[] = [];
    const tearDown = (): void => void ended.push("a");
    const failing: Subject = {
      run() {
        throw new Error("out of order");
      },
    };
    const all = [candidate("a", { run: () => work(), tearDown }), candidate("b", failing)];
    await expect(measure(all, effort, control())).rejects.toThrow("out of order");
    expect(ended).toEqual(["a"]);
  });

  it("gives what it has when it is stopped, also in the middle of what never ends", async () => {
    const stop = new AbortController();
    let runs = 0;
    let ended = false;
    const subject: Subject = {
      isCold: true,
      async run() {
        if (++runs === 3) {
          setImmediate(() => stop.abort());
          await new Promise(() => {});
        }
      },
      tearDown: () => void (ended = true),
    };
    const { measurements } = await measure([candidate("a", subject)], effort, control(stop.signal));
    expect(measurements[0]?.processes[0]?.cpu).toHaveLength(2);
    expect(ended).toBe(true);
  });
});

describe("a warm-up", () => {
  /** Windows of one operation after the other, of those milliseconds each. */
  async function after(...costs: readonly number[]): Promise<WarmUp> {
    const warmUp = new WarmUp();
    for (const cost of costs) await warmUp.window(100, () => Promise.resolve(cost * 1000));
    return warmUp;
  }

  it("is over when the latest windows are no faster than those before", async () => {
    expect((await after(300, 250, 202, 200, 201, 200, 202, 199, 201)).settled).toBe(true);
  });

  it("goes on while windows get faster, or are few, or short", async () => {
    expect((await after(300, 290, 280, 270, 260, 250, 240, 230, 220)).settled).toBe(false);
    expect((await after(400, 400, 400, 400, 400, 400)).settled).toBe(false);
    const short = new WarmUp();
    for (let i = 0; i < 12; i++) await short.window(0.1, () => Promise.resolve(100));
    expect(short.settled).toBe(false);
  });

  it("doubles what it runs until a window is long enough, and then knows how much is", async () => {
    const counts: number[] = [];
    const warmUp = new WarmUp();
    await warmUp.window(8, (count) => {
      counts.push(count);
      return Promise.resolve(count * 1000);
    });
    expect(counts).toEqual([1, 2, 4]);
    expect(warmUp.operations).toBe(7);
    expect(warmUp.batchOf(20)).toBe(20);
    expect(new WarmUp().batchOf(20)).toBe(1);
  });
});
