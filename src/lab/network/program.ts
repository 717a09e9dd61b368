/** The steps of one end, in columns and in nanoseconds. */
import type { Step } from "./script.ts";

export class Program {
  count = 0;
  received = new Int32Array(8);
  acknowledged = new Int32Array(8);
  writes = new Int32Array(8);
  /** ns of work. */
  work = new Float64Array(8);

  static of(steps: readonly Step[]): Program {
    const program = new Program();
    for (const step of steps) program.add(step);
    return program;
  }

  add(step: Step): void {
    if (this.count === this.received.length) this.#grow();
    const at = this.count++;
    this.received[at] = step.received ?? 0;
    this.acknowledged[at] = step.acknowledged ?? 0;
    this.writes[at] = step.write ?? 0;
    this.work[at] = Math.round((step.cpu ?? 0) * 1e6);
  }

  #grow(): void {
    const size = 2 * this.received.length;
    for (const column of ["received", "acknowledged", "writes"] as const) {
      const grown = new Int32Array(size);
      grown.set(this[column]);
      this[column] = grown;
    }
    const work = new Float64Array(size);
    work.set(this.work);
    this.work = work;
  }
}
