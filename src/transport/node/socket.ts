import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Connection, ConnectionEvent } from "../../connection/index.ts";
import type { Negotiated } from "../../handshake/index.ts";
import { TlsError, toTlsError } from "../../registry/index.ts";
import { release } from "../../wire/index.ts";
import { joinSmall, layOut } from "./layout.ts";
import { leave } from "./leave.ts";
import { NegotiatedSocket } from "./negotiated-socket.ts";

/** What a {@link TlsSocket} has to hear from the connection that it drives. */
export interface Wiring {
  readonly onProgress: () => void;
  readonly keyLog?: (line: string) => void;
}

export interface TlsSocketOptions {
  /** Makes the connection; called once, when the transport is connected. */
  readonly createConnection: (wiring: Wiring) => Connection;
  /** Judges the peer of the open connection again; rejects if it is not accepted any more. */
  readonly judge?: (negotiated: Negotiated) => Promise<string | undefined>;
  /** Milliseconds from the transport's connection to the end of the handshake. Default: 10 000; 0 waits forever. */
  readonly handshakeTimeout?: number;
  /** Lets us go on sending after the peer has sent all. Default: false, as in `node:net`. */
  readonly allowHalfOpen?: boolean;
}

const defaultHandshakeTimeout = 10_000;
const highWaterMark = 64 * 1024;
/** Bytes that are sealed before they go to the transport together. */
const batchSize = 256 * 1024;

type Callback = (error?: Error | null) => void;

/**
 * A TLS connection as a stream, over any other: what `node:tls` calls a TLSSocket, for `node:http` and
 * everyone who uses Node's streams.
 *
 * Events beside those of a Duplex: `finding` with what is weaker than it could be, `secure` when the
 * handshake is over (`secureConnect` too on a
 * client), `session` with what a later connection can resume, `peer` with the answer to
 * {@link requestCertificate}, `keylog` with a line and its end as a Buffer, `timeout`, and the
 * transport's `connect`, `ready` and `lookup`.
 *
 * It fails with a {@link TlsError}, or with the error of its transport. A stream that ends without
 * close_notify fails with the code `truncated`, after all data that came before was read; `end` is
 * only emitted for close_notify.
 */
export class TlsSocket extends NegotiatedSocket {
  readonly #isSocket: boolean;
  readonly #options: TlsSocketOptions;
  #connection: Connection | undefined;
  #handshakeTimer: NodeJS.Timeout | undefined;
  /** What a write has still to send, and whom it tells. */
  #pieces: Uint8Array[] = [];
  /** What went out as early data, until the server has accepted it. */
  #early: Uint8Array[] = [];
  #written: Callback | undefined;
  #ended: Callback | undefined;
  /** The reader has enough. */
  #full = false;
  #paused = false;
  #left = false;
  #failure: Error | undefined;
  /** What a later judgement has come to. */
  #laterRole: { readonly role: string | undefined } | undefined;

  constructor(transport: Duplex, options: TlsSocketOptions) {
    super(transport, { allowHalfOpen: options.allowHalfOpen ?? false, highWaterMark });
    this.#isSocket = transport instanceof Socket;
    this.#options = options;
    transport.on("error", (error) => this.#fail(error));
    transport.on("close", () => this.#transportClosed());
    if (this.connecting) {
      for (const event of ["connect", "ready", "lookup"]) {
        transport.on(event, (...values: unknown[]) => this.emit(event, ...values));
      }
      transport.once("connect", () => this.#start());
    } else process.nextTick(() => this.#start());
  }

  /** The engine; `undefined` until the transport is connected. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** The role that `authorize` gave to the peer, if it gave one. */
  get peerRole(): string | undefined {
    return this.#laterRole === undefined ? this.negotiated?.peerRole : this.#laterRole.role;
  }

  /** Changes our sending keys, and asks the peer to change its own (RFC 9846 §4.7.3). */
  updateKeys(options: { readonly requestPeer?: boolean } = {}): void {
    if (this.#connection === undefined) throw new TlsError("misuse", "there is no connection yet");
    this.#connection.updateKeys(options);
    this.#pump();
  }

  /**
   * Asks the client for a certificate now (RFC 9846 §4.7.2); `peer` brings the answer.
   * @throws TlsError `misuse` on a client, or if the client did not offer to answer
   */
  requestCertificate(): void {
    if (this.#connection === undefined) throw new TlsError("misuse", "there is no connection yet");
    this.#connection.requestCertificate();
    this.#pump();
  }

  /**
   * Judges the peer again, by the context's options as they are now: trust, revocation, `authorize`. The
   * connection of a peer that a new handshake would refuse ends with the same alert.
   * @returns whether the connection goes on
   */
  async judgeAgain(): Promise<boolean> {
    const { judge } = this.#options;
    if (this.negotiated === undefined || judge === undefined) return this.#isOpen;
    try {
      this.#laterRole = { role: await judge(this.negotiated) };
    } catch (error) {
      this.#connection?.abort(toTlsError(error));
      this.#pump();
    }
    return this.#isOpen;
  }

  /** Ends, and destroys the socket when all was sent. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  // Reading

  /**
   * Takes bytes from the transport; they may be overwritten afterwards.
   * @internal
   */
  receive(bytes: Uint8Array): void {
    if (this.#failure !== undefined || this.destroyed) return;
    this.refreshTimeout();
    this.#connection?.receive(bytes);
    this.#pump();
  }

  override _read(): void {
    this.#full = false;
    this.#regulate();
  }

  /** What came before a failure stays readable: the failure is told after it. */
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    if (this.#failure !== undefined && this.readableLength === 0) this.destroy(this.#failure);
    return chunk;
  }

  // Writing

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: Callback): void {
    this.#send([chunk], callback);
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], callback: Callback): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: Callback): void {
    if (this.#failure !== undefined) return callback(this.#failure);
    this.#ended = callback;
    if (this.#isOpen) this.#end();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#handshakeTimer);
    this.setTimeout(0);
    const hasEnded = this.writableFinished || this.#failure !== undefined;
    this.#connection?.discard();
    if (hasEnded) this.#leave();
    else this.transport.destroy();
    const written = this.#written;
    this.#written = undefined;
    written?.(error ?? new TlsError("canceled", "the socket was destroyed before all was sent"));
    callback(error);
  }

  // The engine

  get #isOpen(): boolean {
    return this.#connection?.state === "open";
  }

  #start(): void {
    if (this.destroyed) return;
    const transport = this.transport;
    if (transport.destroyed || transport.readableEnded) return this.#transportClosed();
    try {
      this.#connection = this.#options.createConnection({
        onProgress: () => this.#pump(),
        ...(this.listenerCount("keylog") === 0 ? {} : { keyLog: (line) => this.#logKey(line) }),
      });
    } catch (error) {
      this.destroy(error as Error);
      return;
    }
    const timeout = this.#options.handshakeTimeout ?? defaultHandshakeTimeout;
    if (timeout > 0) this.#handshakeTimer = setTimeout(() => this.#giveUp(timeout), timeout);
    transport.on("data", (chunk: Uint8Array) => {
      this.receive(chunk);
      // A chunk of a socket that nobody else listens to is ours
      if (this.#isSocket && transport.listenerCount("data") === 1) release(chunk);
    });
    transport.on("end", () => this.#transportEnded());
    this.#connection.start();
    this.#sendEarly();
    this.#pump();
  }

  #giveUp(timeout: number): void {
    this.#connection?.abort(
      new TlsError("timeout", `the handshake was not over after ${timeout} milliseconds`),
    );
    this.#pump();
  }

  #logKey(line: string): void {
    this.emit("keylog", Buffer.from(`${line}\n`));
  }

  /** Sends what the engine has for the wire, then tells what happened. */
  #pump(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#flush(connection.takeOutput());
    for (const event of connection.takeEvents()) {
      if (this.#failure !== undefined || this.destroyed) return;
      this.#heed(event);
    }
    this.#regulate();
  }

  #flush(output: readonly Uint8Array[], sent?: () => void): void {
    const transport = this.transport;
    if (output.length === 0 || !transport.writable) return;
    const chunks = joinSmall(output);
    transport.cork();
    const last = chunks.length - 1;
    for (let i = 0; i < last; i++) transport.write(chunks[i]);
    transport.write(chunks[last], sent);
    transport.uncork();
  }

  #heed(event: ConnectionEvent): void {
    switch (event.type) {
      case "open":
        this.#open();
        break;
      case "data":
        if (!this.push(event.data)) this.#full = true;
        break;
      case "session":
        this.emit("session", event.session);
        break;
      case "peer":
        this.emit("peer", event.peer);
        break;
      case "finding":
        this.emit("finding", event.finding);
        break;
      case "end":
        this.push(null);
        // Lets `end` be emitted if there is nothing left to read
        this.read(0);
        break;
      case "error":
        this.#fail(event.error);
        break;
    }
  }

  #open(): void {
    clearTimeout(this.#handshakeTimer);
    if (this.#early.length > 0 && !this.#settleEarly()) return;
    this.emit("secure");
    if (this.#connection?.role === "client") this.emit("secureConnect");
    this.#sendPieces();
    if (this.#ended !== undefined) this.#end();
  }

  /**
   * Early data that was refused goes out again: whoever calls it safe to replay has asked for that (RFC 9846
   * Appendix F.5). But never to an application protocol that it was not written for (§4.3.10).
   */
  #settleEarly(): boolean {
    const early = this.#early;
    this.#early = [];
    if (this.negotiated?.earlyData === "accepted") return true;
    if (this.negotiated?.earlyData !== "other_protocol") {
      this.#pieces.unshift(...early);
      return true;
    }
    this.#connection?.abort(
      new TlsError("early_data_refused", "early data was written for another protocol", {
        received: this.negotiated.alpn ?? "no application protocol",
        section: "RFC 9846 §4.3.10",
      }),
    );
    this.#pump();
    return false;
  }

  /** Reads the transport only while the engine and our reader can take more. */
  #regulate(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#left) return;
    // Before the handshake is over, reading must go on: early data is bounded by the engine
    const pause = connection.busy || (this.#full && this.#isOpen);
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.transport.pause();
    else this.transport.resume();
  }

  #send(chunks: readonly Uint8Array[], callback: Callback): void {
    if (this.#failure !== undefined) return callback(this.#failure);
    this.#pieces = layOut(chunks);
    this.#written = callback;
    this.#sendEarly();
    this.#sendPieces();
  }

  /** A client whose options and session allow it does not wait for the handshake (RFC 9846 §2.3). */
  #sendEarly(): void {
    const connection = this.#connection;
    if (connection?.role !== "client" || connection.state !== "handshaking") return;
    for (let room = connection.writableBytes; room > 0; room = connection.writableBytes) {
      const piece = this.#pieces.shift();
      if (piece === undefined) break;
      const early = piece.subarray(0, room);
      connection.write(early);
      this.#early.push(early);
      if (early.length < piece.length) this.#pieces.unshift(piece.subarray(room));
    }
    this.#pump();
  }

  /** One batch after the other, each when the transport has taken the one before. */
  #sendPieces(): void {
    const connection = this.#connection;
    if (this.#written === undefined || connection === undefined || !this.#isOpen) return;
    if (this.#pieces.length === 0) {
      const written = this.#written;
      this.#written = undefined;
      written();
      return;
    }
    if (!this.transport.writable) {
      this.#fail(new TlsError("canceled", "the transport takes no more data"));
      return;
    }
    this.refreshTimeout();
    for (let size = 0; size < batchSize && this.#pieces.length > 0;) {
      const piece = this.#pieces.shift()!;
      size += piece.length;
      connection.write(piece);
    }
    const output = connection.takeOutput();
    this.#flush(output, () => {
      // What is in the kernel is used by nobody; another transport may hold on to it
      if (this.#isSocket) output.forEach(release);
      this.#sendPieces();
    });
    this.#pump();
  }

  #end(): void {
    const ended = this.#ended;
    this.#ended = undefined;
    this.#connection?.close();
    this.#pump();
    // An error is told by the transport itself
    this.transport.end(() => ended?.());
  }

  // The end

  #transportEnded(): void {
    this.#connection?.receiveEnd();
    this.#pump();
  }

  #transportClosed(): void {
    if (this.#failure !== undefined || this.destroyed) return;
    this.#transportEnded();
    const state = this.#connection?.state;
    // The peer has sent all, and we have nothing left to send
    if (state === "open" && this.writableLength === 0) this.#connection?.close();
    else if (state === "open" || state === undefined) {
      this.#fail(new TlsError("canceled", "the transport was closed before all was sent"));
    }
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined || this.destroyed || this.#connection?.state === "closed")
      return;
    this.#failure = error;
    clearTimeout(this.#handshakeTimer);
    this.#connection?.discard();
    this.#leave();
    if (this.readableLength === 0) this.destroy(error);
  }

  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    leave(this.transport);
  }
}
