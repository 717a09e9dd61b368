import type { Socket } from "node:net";
import type { PumpedEnd } from "../connection/pump.ts";

/** An end behind a socket: whatever comes out of it was sent, until the other side has ended. */
export class SocketEnd implements PumpedEnd {
  protected readonly socket: Socket;
  readonly #waiting: Uint8Array[] = [];
  ended = false;
  #wake = (): void => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#waiting.push(bytes);
      this.#wake();
    });
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.ended = true;
        this.#wake();
      });
    }
    socket.on("error", () => {});
    socket.resume();
  }

  /** Something came that was not taken yet. */
  get hasOutput(): boolean {
    return this.#waiting.length > 0;
  }

  takeOutput(): Uint8Array[] {
    return this.#waiting.splice(0);
  }

  receive(bytes: Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  receiveEnd(): void {
    this.socket.end();
  }

  /** Until something comes. False: the stream is over. */
  async rest(): Promise<boolean> {
    if (this.ended) return false;
    if (!this.hasOutput) await new Promise<void>((resolve) => (this.#wake = resolve));
    return true;
  }
}
