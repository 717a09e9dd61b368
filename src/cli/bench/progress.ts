import { style } from "../style.ts";

/** Milliseconds between two lines where there is no terminal, whose lines stay. */
const pause = 30_000;

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Says on stderr what is measured, and how long it will take: a line that changes on a terminal, else a line for each
 * suite and one every half minute.
 */
export class Progress {
  readonly #stream: Stream;
  readonly #now: () => number;
  #suite = "";
  #shown = 0;

  constructor(stream: Stream = process.stderr, now = (): number => performance.now()) {
    this.#stream = stream;
    this.#now = now;
  }

  /** @param secondsLeft - absent: nobody can say yet */
  report(suite: string, share: number, secondsLeft?: number): void {
    const isNew = suite !== this.#suite;
    const now = this.#now();
    // Terminals are slow, and what they cost is measured too
    if (!isNew && now - this.#shown < (this.#stream.isTTY ? 500 : pause)) return;
    this.#suite = suite;
    this.#shown = now;
    const left = secondsLeft === undefined ? "begun" : `about ${duration(secondsLeft)} left`;
    if (!this.#stream.isTTY) {
      this.#stream.write(`${suite}: ${left}\n`);
      return;
    }
    const line = `${suite}  ${Math.round(share * 100)} %  ${left}`;
    const visible = line.slice(0, (this.#stream.columns || 80) - 1);
    this.#stream.write(`\r\u001b[K${style("dim", visible, process.stderr)}`);
  }

  /** Gives the line back, before anything else is written. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\u001b[K");
  }
}

/** `45 s`, `3 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 90 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
