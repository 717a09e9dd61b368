/**
 * Many handshakes at once over shared processors, and over one path or paths of their own: what queues cost. Either so many clients run one handshake after another (a closed loop, as tools
 * do that measure), or handshakes arrive at a rate, whether earlier ones are done or not (an open loop, as users do).
 */
import * as check from "../../registry/check.ts";
import { Connection } from "./connection.ts";
import { exponentials, keyOf, seedFor } from "./draws.ts";
import type { Processors } from "./end.ts";
import type { Network } from "./network.ts";
import { Program } from "./program.ts";
import { goalOf, runnerTable } from "./runner.ts";
import { checkScript, type FlightScript } from "./script.ts";

/** Cores that do the work of many, in the order in which it comes, each piece without a break. */
export class Cores implements Processors {
  /** When each core is free again, in ns. */
  readonly #free: Float64Array;

  /** @throws TypeError for a count that is not a number, RangeError unless it is whole and from 1 to 100 000 */
  constructor(count: number) {
    check.whole(1, 100_000, " cores")(count, "Cores: count");
    this.#free = new Float64Array(count);
  }

  /** As {@link Processors.take}: the core that is free first does the work. */
  take(now: number, work: number): number {
    const free = this.#free;
    let first = 0;
    for (let core = 1; core < free.length; core++) if (free[core]! < free[first]!) first = core;
    const done = Math.max(now, free[first]!) + work;
    free[first] = done;
    return done;
  }
}

/** How many handshakes arrive in which way, and who does their work. */
export interface LoadOptions {
  /** How many clients run one handshake after another; or how many handshakes arrive in a second, at random (Poisson). */
  readonly arrivals: { readonly parallel: number } | { readonly perSecond: number };
  /** How many handshakes there are in all. */
  readonly handshakes: number;
  /** All draws follow from it. */
  readonly seed: string | number;
  /** The mark at which a handshake is done. Default: when every step of both ends is. */
  readonly until?: string;
  /** Whether all packets of a direction wait for each other, where there is a rate. Default `own`: they do not. */
  readonly path?: "own" | "shared";
  /** Who does the work of each end. The same object for both: they share a machine. Default: work never waits. */
  readonly processors?: { readonly client?: Processors; readonly server?: Processors };
}

const isRate = (arrivals: unknown): boolean =>
  typeof arrivals === "object" && arrivals !== null && "perSecond" in arrivals;

const checkLoad = check.complete(
  {
    ...runnerTable,
    // Both at once are refused: each table knows its own
    arrivals: check.either(
      isRate,
      check.complete({ perSecond: check.number(1e-6, 1e9, " a second") }, "write { perSecond }"),
      check.complete({ parallel: check.whole(1, 1e6) }, "write { parallel } or { perSecond }"),
    ),
    handshakes: check.whole(1, 1e9),
    seed: check.nameOr(check.text, check.whole(Number.MIN_SAFE_INTEGER)),
    path: check.oneOf("own", "shared"),
  } satisfies check.OptionTable<LoadOptions>,
  "write { arrivals, handshakes, seed }",
  ["arrivals", "handshakes", "seed"],
);

/**
 * Runs many handshakes at once over one network.
 *
 * @returns ms of each handshake, in the order in which they began; NaN: it failed
 * @throws TypeError for a field that is not known, missing or of the wrong type, RangeError for a wrong value
 */
export function runLoad(
  network: Network,
  script: FlightScript,
  options: LoadOptions,
): Float64Array {
  checkLoad(options, "runLoad");
  checkScript(script);
  const goal = goalOf(script, options.until);
  const programs = { client: Program.of(script.client), server: Program.of(script.server) };
  const times = new Float64Array(options.handshakes).fill(Number.NaN);
  const running: Running[] = [];
  const idle: Connection[] = [];
  const arrivals = arrivalsOf(options);
  const lines = options.path === "shared" ? { up: { free: 0 }, down: { free: 0 } } : undefined;
  let begun = 0;

  while (begun < times.length || running.length > 0) {
    const earliest = running[0]?.next ?? Number.POSITIVE_INFINITY;
    if (begun < times.length && arrivals.next() <= earliest) {
      const connection = idle.pop() ?? new Connection(network, programs, lines);
      connection.client.processors = options.processors?.client;
      connection.server.processors = options.processors?.server;
      const began = arrivals.take();
      connection.start(seedFor(options.seed, "load", begun), began);
      running.push({ connection, number: begun++, began, next: connection.next() });
      rise(running);
      continue;
    }
    const run = running[0]!;
    const now = run.connection.advance();
    const { client, server } = run.connection;
    const isDone = client.step >= goal.client && server.step >= goal.server;
    run.next = run.connection.next();
    const isOver =
      isDone || client.failed || server.failed || run.next === Number.POSITIVE_INFINITY;
    if (!isOver) {
      sink(running);
      continue;
    }
    if (isDone) times[run.number] = (now - run.began) / 1e6;
    const last = running.pop()!;
    if (last !== run) {
      running[0] = last;
      sink(running);
    }
    idle.push(run.connection);
    arrivals.over(now);
  }
  return times;
}

/** A handshake under way. They stand in a heap, the one with the earliest event first. */
interface Running {
  readonly connection: Connection;
  readonly number: number;
  readonly began: number;
  next: number;
}

/** When handshakes begin. */
interface Arrivals {
  /** When the next one begins, in ns; infinity: one must end first. */
  next(): number;
  take(): number;
  /** One has ended. */
  over(now: number): void;
}

function arrivalsOf({ arrivals, seed }: LoadOptions): Arrivals {
  if ("parallel" in arrivals) {
    const free = Array.from({ length: arrivals.parallel }, () => 0);
    let taken = 0;
    return {
      next: () => free[taken] ?? Number.POSITIVE_INFINITY,
      take: () => free[taken++]!,
      over: (now) => void free.push(now),
    };
  }
  const wait = exponentials(keyOf(seedFor(seed, "arrivals", 0), 0));
  const mean = 1e9 / arrivals.perSecond;
  const interval = (): number => Math.round(wait() * mean);
  let next = interval();
  return {
    next: () => next,
    take: () => {
      const now = next;
      next += interval();
      return now;
    },
    over: () => {},
  };
}

/** Moves the last one of a heap to its place. */
function rise(heap: Running[]): void {
  for (let at = heap.length - 1; at > 0;) {
    const above = (at - 1) >> 1;
    if (heap[above]!.next <= heap[at]!.next) return;
    [heap[above], heap[at]] = [heap[at]!, heap[above]!];
    at = above;
  }
}

/** Moves the first one of a heap to its place. */
function sink(heap: Running[]): void {
  for (let at = 0; ;) {
    let least = at;
    for (const below of [2 * at + 1, 2 * at + 2]) {
      if (below < heap.length && heap[below]!.next < heap[least]!.next) least = below;
    }
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}
