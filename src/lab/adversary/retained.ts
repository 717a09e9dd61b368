/** What connections hold of which nothing more is to come: measured on the heap, not added up. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Of so many handshakes the last few are kept until they have been weighed. */
const every = 1000;
const sample = 50;
/** Bytes that one end may hold in the mean of a sample: a handshake that hangs, with all its secrets and hellos. */
export const mostRetained = 64 * 2 ** 10;

export class RetainedMeter {
  /** Bytes that one end held, in the mean of the heaviest sample. Undefined before the first. */
  most: number | undefined;
  readonly #memoryInUse: () => number;
  readonly #kept: unknown[] = [];
  #handshakes = 0;

  /** @param memoryInUse after a full collection, in bytes */
  constructor(memoryInUse: () => number) {
    this.#memoryInUse = memoryInUse;
  }

  /** @param ends of one handshake, as they were left */
  take(ends: unknown): void {
    if (this.#handshakes++ % every < every - sample) return;
    this.#kept.push(ends);
    if (this.#kept.length === sample) this.#weigh();
  }

  #weigh(): void {
    const held = this.#memoryInUse();
    this.#kept.length = 0;
    const perEnd = (held - this.#memoryInUse()) / (2 * sample);
    this.most = Math.max(this.most ?? 0, perEnd);
  }
}

/** Says what is left when all that can go has gone: heap, and what buffers hold beside it. */
export function memoryMeter(): () => number {
  // A function of the engine that is hidden unless a flag asks for it
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  return () => {
    // Buffers go with the collection after that of their objects
    for (let round = 0; round < 2; round++) collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
}
