/** One TCP connection of the probe: bytes out in pieces, bytes in until somebody's patience ends. */
import type { Socket } from "node:net";

/** What came next. */
export type Arrival =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** The peer closed its side. */
  | { readonly kind: "closed" }
  /** The connection broke. */
  | { readonly kind: "reset" }
  /** More came than anybody asked for. */
  | { readonly kind: "flood" }
  /** Nothing came in time. */
  | { readonly kind: "silent" };

type Ending = Exclude<Arrival["kind"], "bytes" | "silent">;

export class Line {
  readonly #socket: Socket;
  readonly #waiting: Uint8Array[] = [];
  #received = 0;
  #ending: Ending | undefined;
  #wake = (): void => {};

  /** @param limit bytes that are taken in all; the connection ends with what comes beyond them */
  constructor(socket: Socket, limit: number) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#received += bytes.length;
      if (this.#received > limit) this.#end("flood");
      else this.#waiting.push(new Uint8Array(bytes));
      this.#wake();
    });
    socket.on("end", () => this.#end("closed"));
    socket.on("error", () => this.#end("reset"));
    socket.on("close", () => this.#end("closed"));
  }

  /** What the peer has sent, until the line ended. */
  async next(milliseconds: number): Promise<Arrival> {
    if (this.#waiting.length === 0 && this.#ending === undefined && milliseconds > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, milliseconds);
      });
      clearTimeout(timer);
    }
    const bytes = this.#waiting.shift();
    if (bytes !== undefined) return { kind: "bytes", bytes };
    return { kind: this.#ending ?? "silent" };
  }

  /** Gives back what was read too far. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#waiting.unshift(bytes);
  }

  /** True if the peer can still be told something. */
  get isOpen(): boolean {
    return this.#ending === undefined && this.#socket.writable;
  }

  send(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) if (this.#socket.writable) this.#socket.write(chunk);
  }

  /** Ends behind what was sent; who does not close within a moment is left. */
  close(): void {
    this.#ending ??= "closed";
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), 50);
  }

  #end(how: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = how;
    if (how === "flood") this.#socket.destroy();
    this.#wake();
  }
}
