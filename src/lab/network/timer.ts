/** The one timer of an end: what it is set for, and when it runs out, in ticks of the kernel. */
import { fires, type Kernel } from "./kernel.ts";

type Purpose = "timeout" | "probe" | "reordering";

export class Timer {
  /** What it is set for. */
  purpose: Purpose | "none" = "none";
  readonly #kernel: Kernel;
  readonly #due: Float64Array;
  readonly #slot: number;
  #phase = 0;

  /** @param due when each timer of the network runs out, in ns: this one's is in that slot */
  constructor(kernel: Kernel, due: Float64Array, slot: number) {
    this.#kernel = kernel;
    this.#due = due;
    this.#slot = slot;
  }

  restart(phase: number): void {
    this.#phase = phase;
    this.purpose = "none";
  }

  /** @param wait microseconds from now on */
  set(now: number, purpose: Purpose, wait: number): void {
    this.purpose = purpose;
    this.#due[this.#slot] = fires(this.#kernel, this.#phase, now, wait);
  }

  stop(): void {
    this.purpose = "none";
    this.#due[this.#slot] = Number.POSITIVE_INFINITY;
  }
}
