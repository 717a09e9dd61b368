/**
 * Cells by several threads. Each thread reads the experiment itself, since algorithms are not data, and is given cells in
 * blocks of one handshake, which is then recorded by one thread. Lines come out in the order of the cells: they are
 * those that one thread writes, byte for byte.
 */
import { Worker } from "node:worker_threads";
import { type Cell, handshakeKey } from "../../lab/experiment/index.ts";
import type { Changes } from "./source.ts";

/** Where threads find the experiment. */
export interface Source {
  readonly path: string;
  readonly changes: Changes;
}

/** What a thread is told: numbers of cells. */
export type Told = readonly number[];
/** What it answers: a line for each of them, or why there is none. */
export type Answered = { readonly lines: readonly string[] } | { readonly error: Error };

/** Blocks that may be done before the one that is to be written next: what is kept in memory. */
const ahead = 4;

/** @throws what a thread throws */
export async function* linesInPool(
  cells: readonly Cell[],
  source: Source,
  count: number,
): AsyncGenerator<string> {
  const blocks = blocksOf(cells, count);
  const pool = Array.from(
    { length: Math.min(count, blocks.length) },
    () => new Worker(new URL("./pool-thread.js", import.meta.url), { workerData: source }),
  );
  try {
    const idle = [...pool];
    const working: Promise<readonly string[]>[] = [];
    let next = 0;
    for (let at = 0; at < blocks.length; at++) {
      // Threads are given work as they come free, and never far beyond what is written
      const fill = (): void => {
        while (idle.length > 0 && next < blocks.length && next < at + ahead * count) {
          const thread = idle.pop()!;
          const answer = ask(thread, blocks[next]!).then((lines) => {
            idle.push(thread);
            fill();
            return lines;
          });
          // Whoever waits for it hears of its failure
          answer.catch(() => {});
          working[next++] = answer;
        }
      };
      fill();
      yield* await working[at]!;
    }
  } finally {
    await Promise.all(pool.map((thread) => thread.terminate()));
  }
}

/** Neighbours with the same handshake, but not so many that threads would be left without work. */
export function blocksOf(cells: readonly Cell[], count: number): number[][] {
  const most = Math.max(1, Math.ceil(cells.length / (ahead * count)));
  const blocks: number[][] = [];
  let [last, key]: [number[] | undefined, string] = [undefined, ""];
  for (const cell of cells) {
    const own = handshakeKey(cell);
    if (last === undefined || own !== key || last.length >= most) {
      last = [];
      blocks.push(last);
    }
    key = own;
    last.push(cell.index);
  }
  return blocks;
}

function ask(thread: Worker, cells: Told): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      thread.off("message", answered).off("error", failed).off("exit", ended);
    };
    const failed = (error: Error): void => {
      settle();
      reject(error);
    };
    const answered = (answer: Answered): void => {
      if ("error" in answer) return failed(answer.error);
      settle();
      resolve(answer.lines);
    };
    const ended = (code: number): void => failed(new Error(`a thread ended with ${code}`));
    thread.on("message", answered).on("error", failed).on("exit", ended);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, and no window
    thread.postMessage(cells);
  });
}
