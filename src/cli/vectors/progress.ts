/** A line on a terminal's stderr that says what is going on, and is gone when it is over. */
export class Progress {
  readonly #stream = process.stderr;
  readonly #total: number;
  #done = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** Says what comes next. */
  begin(name: string): void {
    this.#done++;
    if (!this.#stream.isTTY) return;
    const line = `${this.#done} of ${this.#total}: ${name}`;
    this.#stream.write(`\r\u001b[K${line.slice(0, (this.#stream.columns || 80) - 1)}`);
  }

  /** Gives the line back, before anything else is written. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\u001b[K");
  }
}
