import { style } from "../style.ts";

/** Says on stderr what is measured, and how long it will take: a line that changes on a terminal, else a line for each suite. */
export class Progress {
  readonly #stream = process.stderr;
  #suite = "";
  #shown = 0;

  report(suite: string, share: number, secondsLeft: number): void {
    const isNew = suite !== this.#suite;
    this.#suite = suite;
    const left = `about ${duration(secondsLeft)} left`;
    if (!this.#stream.isTTY) {
      if (isNew) this.#stream.write(`${suite}: ${left}\n`);
      return;
    }
    // Terminals are slow, and what they cost is measured too
    const now = performance.now();
    if (!isNew && now - this.#shown < 500) return;
    this.#shown = now;
    const line = `${suite}  ${Math.round(share * 100)} %  ${left}`;
    const visible = line.slice(0, (this.#stream.columns || 80) - 1);
    this.#stream.write(`\r\u001b[K${style("dim", visible, this.#stream)}`);
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
