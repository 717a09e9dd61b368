/**
 * The stream under a TLS socket, from its connection to its end: when to read it, when it takes output, and
 * how it is left. It knows nothing of TLS.
 *
 * It ends in one of three ways. The peer ends or breaks it, which is told as `closed`. Its owner destroys
 * it at once. Or its owner leaves it: what was written goes out, then the end, and input is thrown away for a
 * while before it is destroyed, since closing on unread input makes TCP reset the connection, and a reset
 * can overtake the alert that was sent last.
 */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { release } from "../../wire/index.ts";
import { joinSmall } from "./layout.ts";
import type { Transport } from "./socket-like.ts";

/** What a raw socket tells. */
export interface RawSocketOwner {
  /** It is connected. Nothing but `closed` comes before. */
  connected(): void;
  /** Bytes came, which may be overwritten afterwards. */
  received(bytes: Uint8Array): void;
  /** It takes output again. */
  drained(): void;
  /** The peer has sent all; it may still be written to. */
  ended(): void;
  /** It is over, in order or by an error. Told once, and nothing after it. */
  closed(error: Error | undefined): void;
}

/** Milliseconds for which a socket that was left, or that takes no more output, is still read. */
export const lingering = 2000;

type Callback = (error?: Error | null) => void;

export class RawSocket {
  readonly #stream: Transport;
  readonly #isSocket: boolean;
  readonly #owner: RawSocketOwner;
  #isReading = true;
  #isLeft = false;
  #isClosed = false;
  /** A write that failed, and is not told yet. */
  #failedWrite: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: Transport, owner: RawSocketOwner) {
    this.#stream = stream;
    this.#isSocket = stream instanceof Socket;
    this.#owner = owner;
    if (stream instanceof Socket) this.#readBeforeFailing(stream);
    stream.on("error", (error) => this.#close(error));
    stream.on("close", () => this.#close(undefined));
    stream.on("drain", () => this.#owner.drained());
    if (stream.connecting) stream.once("connect", () => this.#start());
    else process.nextTick(() => this.#start());
  }

  /** Nothing goes in or out any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What was written before is on its way: more would only wait. */
  get takesOutput(): boolean {
    return !this.#stream.writableNeedDrain;
  }

  /** Somebody has ended our direction. */
  get isEnded(): boolean {
    return this.#stream.writableEnded;
  }

  /** Writes chunks, which are the socket's from now on. */
  write(output: readonly Uint8Array[], written?: () => void): void {
    const stream = this.#stream;
    if (output.length === 0 || !stream.writable) return;
    const chunks = joinSmall(output);
    stream.cork();
    const last = chunks.length - 1;
    for (let i = 0; i < last; i++) stream.write(chunks[i]);
    stream.write(chunks[last], (error) => {
      // An error is told by the stream itself
      if (error instanceof Error) return;
      // What is in the kernel is used by nobody; another stream may hold on to it
      if (this.#isSocket) output.forEach(release);
      written?.();
    });
    stream.uncork();
  }

  /** Ends our direction; the callback comes when all was sent, or never will be. */
  end(done: () => void): void {
    // One that is gone calls nobody back
    if (this.#stream.destroyed) process.nextTick(done);
    else this.#stream.end(() => done());
  }

  /** Turns reading on or off. */
  read(isWanted: boolean): void {
    if (this.#isLeft || this.#failedWrite !== undefined || isWanted === this.#isReading) return;
    this.#isReading = isWanted;
    if (isWanted) this.#stream.resume();
    else this.#stream.pause();
  }

  /** Sends what was written, and ends. */
  leave(): void {
    const stream = this.#stream;
    if (this.#isLeft || stream.destroyed) return;
    if (this.#failedWrite !== undefined) return this.destroy();
    this.#isLeft = true;
    if (!stream.writableEnded) stream.end();
    stream.resume();
    this.#timer = setTimeout(() => stream.destroy(), lingering);
  }

  /** Ends at once; what was written may be lost. */
  destroy(): void {
    this.#stream.destroy();
  }

  #start(): void {
    const stream: Duplex = this.#stream;
    if (stream.destroyed || stream.readableEnded) return this.#close(undefined);
    stream.on("data", (chunk: Uint8Array) => {
      if (typeof chunk === "string") return void stream.destroy(textInstead());
      this.#owner.received(chunk);
      // A chunk of a socket that nobody else listens to is ours
      if (this.#isSocket && stream.listenerCount("data") === 1) release(chunk);
    });
    stream.on("end", () => {
      if (this.#failedWrite !== undefined) this.#failedWrite();
      else if (!this.#isClosed) this.#owner.ended();
    });
    // Whoever hands a socket over pauses it, so that nothing is lost on the way
    stream.resume();
    this.#owner.connected();
  }

  #close(error: Error | undefined): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#owner.closed(error);
  }

  /**
   * A write that fails destroys a socket at once, with all that has come in and was not read: the alert by
   * which the peer said why it has gone. So the failure is held back until the input has ended.
   */
  #readBeforeFailing(socket: Socket): void {
    const patient =
      (callback: Callback): Callback =>
      (error) => {
        const waits = error instanceof Error && !this.#isClosed && !this.#isLeft;
        if (waits) this.#holdBack(() => callback(error));
        else callback(error);
      };
    for (const name of ["_write", "_writev"] as const) {
      const write = socket[name] as ((...given: unknown[]) => void) | undefined;
      if (write === undefined) continue;
      const patiently = (...given: unknown[]): void => {
        const callback = patient(given.pop() as Callback);
        Reflect.apply(write, socket, [...given, callback]);
      };
      Reflect.set(socket, name, patiently);
    }
  }

  #holdBack(fail: () => void): void {
    let isTold = false;
    const tell = (): void => {
      if (!isTold) fail();
      isTold = true;
    };
    this.#failedWrite = tell;
    this.#timer = setTimeout(tell, lingering);
    if (this.#stream.readableEnded) tell();
    else this.#stream.resume();
  }
}

/** Whoever has set an encoding has lost bytes that are not text. */
const textInstead = (): TypeError =>
  new TypeError(
    "the stream gives text, since setEncoding() was called on it; " +
      "TLS needs its bytes: call setEncoding() on the TLS socket alone",
  );
