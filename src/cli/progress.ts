/** A line on a terminal's stderr that says what is going on, and is gone when it is over. */
export class Progress {
  readonly #stream = process.stderr;
  readonly #total: number;
  #done = 0;

  /** @param total how many things there are to do */
  constructor(total: number) {
    this.#total = total;
  }

  /** Says what comes next. */
  begin(name: string): void {
    this.#done++;
    this.say(`${this.#done} of ${this.#total}: ${name}`);
  }

  /** Puts a line in the place of the one before. */
  say(line: string): void {
    if (!this.#stream.isTTY) return;
    this.#stream.write(`\r\u001b[K${line.slice(0, (this.#stream.columns || 80) - 1)}`);
  }

  /** Gives the line back, before anything else is written. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\u001b[K");
  }
}
