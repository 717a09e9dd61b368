/**
 * The network as a medium between two live ends: what they write goes through it in virtual time, byte for byte, and
 * comes out when TCP delivers it. Whoever drives the ends gives it what they write, and lets it go on when both
 * are silent.
 */
import * as check from "../../registry/check.ts";
import { Connection } from "./connection.ts";
import type { Network } from "./network.ts";
import { Program } from "./program.ts";

type Role = "client" | "server";

/** Where the network hands over what arrives. */
export interface NetworkOutlet {
  /** Gives bytes to an end, as they arrive there. */
  deliver(to: Role, bytes: Uint8Array): void;
  /** The end's incoming stream is over. */
  end(to: Role): void;
}

/** What is drawn in a {@link NetworkMedium}, and how long its ends work. */
export interface NetworkMediumOptions {
  /** What is lost follows from it. Default 0. */
  readonly seed?: number;
  /** Milliseconds that an end worked before it wrote these bytes. Default: none. */
  readonly work?: (from: Role, bytes: Uint8Array) => number;
}

const optionTable = {
  seed: check.whole(Number.MIN_SAFE_INTEGER),
  work: check.callable,
} satisfies check.OptionTable<NetworkMediumOptions>;

/** A simulated TCP connection that carries the bytes of two live ends in virtual time. */
export class NetworkMedium {
  /** The simulated connection below, for its packets and counters. */
  readonly connection: Connection;
  readonly #programs = { client: new Program(), server: new Program() };
  readonly #streams = { client: new Stream(), server: new Stream() };
  readonly #work: (from: Role, bytes: Uint8Array) => number;
  #outlet: NetworkOutlet | undefined;
  #now = 0;

  /**
   * The client's SYN is sent at once.
   * @throws TypeError for an option that is not known or of the wrong type, RangeError for a wrong value
   */
  constructor(network: Network, options: NetworkMediumOptions = {}) {
    check.checkOptions("NetworkMedium", options, optionTable);
    this.#work = options.work ?? (() => 0);
    this.connection = new Connection(network, this.#programs);
    this.connection.start(options.seed ?? 0, 0);
  }

  /** Says where what arrives is delivered. A run does it. */
  attach(outlet: NetworkOutlet): void {
    this.#outlet = outlet;
  }

  /** Takes what an end writes now. The bytes are copied. */
  take(from: Role, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#streams[from].push(bytes.slice());
    this.#write(from, bytes.length, this.#work(from, bytes));
  }

  /** An end writes no more. In the network that takes a byte, as FIN takes a number. */
  end(from: Role): void {
    if (this.#streams[from].isEnded) return;
    this.#streams[from].isEnded = true;
    this.#write(from, 1, 0);
  }

  /** Goes on until something is delivered. @returns whether anything was; if not, nothing will happen any more */
  advance(): boolean {
    const { connection } = this;
    for (;;) {
      const now = connection.advance();
      if (now === Number.POSITIVE_INFINITY) return false;
      this.#now = now;
      if (connection.client.failed || connection.server.failed) return false;
      const toClient = this.#deliver("server", "client");
      const toServer = this.#deliver("client", "server");
      if (toClient || toServer) return true;
    }
  }

  /** Milliseconds since the client's SYN, in virtual time. */
  now(): number {
    return this.#now / 1e6;
  }

  /** Why the connection failed; undefined: it did not. */
  get failed(): string | undefined {
    const { client, server } = this.connection;
    return client.failed || server.failed ? this.connection.failure() : undefined;
  }

  #write(from: Role, bytes: number, work: number): void {
    this.#programs[from].add({ write: bytes, cpu: work });
    this.connection[from].resume(this.#now);
  }

  #deliver(from: Role, to: Role): boolean {
    const stream = this.#streams[from];
    const upTo = this.connection[to].receiver.next;
    if (upTo === stream.delivered) return false;
    const bytes = stream.take(upTo);
    if (bytes.length > 0) this.#outlet?.deliver(to, bytes);
    if (upTo > stream.written) this.#outlet?.end(to);
    return true;
  }
}

/** What one end has written and the other has not been given yet. */
class Stream {
  isEnded = false;
  written = 0;
  /** How far the other end has been given it, the end of the stream included. */
  delivered = 0;
  #chunks: Uint8Array[] = [];

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.written += bytes.length;
  }

  /** The bytes up to there, in one piece. */
  take(upTo: number): Uint8Array {
    const bytes = new Uint8Array(
      Math.min(upTo, this.written) - Math.min(this.delivered, this.written),
    );
    this.delivered = upTo;
    for (let at = 0; at < bytes.length;) {
      const chunk = this.#chunks[0]!;
      const part = chunk.subarray(0, bytes.length - at);
      bytes.set(part, at);
      at += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    return bytes;
  }
}
