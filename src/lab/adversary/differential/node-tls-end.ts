/** OpenSSL as an end in memory, by way of Node.js' own `node:tls`: no process, no socket, no time. */
import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { concatAll } from "../../../wire/index.ts";
import type { HonestEnd } from "./honest-end.ts";

/** Turns of the event loop in which it says nothing. All that it does takes a few, on any machine. */
const silence = 6;

export class NodeTlsEnd implements HonestEnd<Buffer> {
  hasOpened = false;
  hasFailed = false;
  session: Buffer | undefined;
  readonly #socket: TLSSocket;
  readonly #pipe: Duplex;
  readonly #output: Uint8Array[] = [];
  readonly #input: Uint8Array[] = [];
  readonly #received: Uint8Array[] = [];

  /** @param over makes a socket of `node:tls` over a stream */
  constructor(over: (pipe: Duplex) => TLSSocket) {
    this.#pipe = new Duplex({
      read: () => {},
      write: (bytes: Uint8Array, _encoding, done) => {
        this.#output.push(bytes);
        done();
      },
    });
    const failed = (): void => void (this.hasFailed = true);
    this.#pipe.on("error", failed);
    this.#socket = over(this.#pipe)
      .on("error", failed)
      .on("_tlsError", failed)
      .on("secure", () => (this.hasOpened = true))
      .on("session", (session: Buffer) => (this.session = session))
      .on("data", (bytes: Uint8Array) => this.#received.push(bytes));
  }

  get received(): Uint8Array {
    return concatAll(this.#received);
  }

  takeOutput(): readonly Uint8Array[] {
    return this.#output.splice(0);
  }

  receive(bytes: Uint8Array): void {
    this.#input.push(bytes);
  }

  /** All that can come of it comes in this process, and soon. */
  async rest(): Promise<boolean> {
    // What it wrote counts as written a turn after the next: until then it has no room for an alert
    await turn();
    await turn();
    for (const bytes of this.#input.splice(0)) {
      if (!this.#pipe.destroyed) this.#pipe.push(bytes);
    }
    for (let quiet = 0; quiet < silence; quiet++) {
      if (this.#output.length > 0) return true;
      await turn();
    }
    return false;
  }

  say(data: Uint8Array): boolean {
    if (!this.hasOpened || this.#socket.destroyed) return false;
    this.#socket.write(data);
    return true;
  }

  destroy(): void {
    this.#socket.destroy();
    this.#pipe.destroy();
  }
}
