import { escapeUnprintable } from "../../registry/index.ts";

/** One line on a terminal that says what is asked; elsewhere nothing. */
export class Progress {
  readonly #servers: number;
  #server = 0;
  #place = "";

  constructor(servers: number) {
    this.#servers = servers;
  }

  tell(place: string, title: string, connections: number): void {
    if (place !== this.#place) this.#server++;
    this.#place = place;
    if (!process.stderr.isTTY) return;
    const which = this.#servers === 1 ? "" : `${this.#server} of ${this.#servers}, `;
    const line = escapeUnprintable(`${which}${place}: ${title} (${connections})`);
    process.stderr.write(`\r\u001b[K${line.slice(0, process.stderr.columns - 1)}`);
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  }
}
