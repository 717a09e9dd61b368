import type { Duplex } from "node:stream";
import type { Connection, ConnectionEvent } from "../../connection/index.ts";
import { TlsError, toTlsError } from "../../registry/index.ts";
import { Gathered } from "../../wire/index.ts";
import { NegotiatedSocket } from "./negotiated-socket.ts";
import { refusedOfSocket, refuseMethods } from "./node-members.ts";
import { Outgoing, type WriteCallback } from "./outgoing.ts";
import { lingering, RawSocket } from "./raw-socket.ts";
import { asSocketError, TlsSocketError } from "./socket-error.ts";
import type { EventName, ListenerFor, TlsSocketEvents } from "./socket-events.ts";
import { checkSocket } from "./socket-options.ts";
import { type ServerSocketOptions, wireUpServer } from "./wire-up.ts";
import type { TlsSocketOptions } from "./wiring.ts";

/** Listeners take what the event brings; one that takes something else does not compile. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- every method is an EventEmitter's
export interface TlsSocket {
  /** As `EventEmitter.on`. */
  on<E extends EventName<TlsSocketEvents>>(
    event: E,
    listener: ListenerFor<TlsSocketEvents, E>,
  ): this;
  /** As `EventEmitter.once`. */
  once<E extends EventName<TlsSocketEvents>>(
    event: E,
    listener: ListenerFor<TlsSocketEvents, E>,
  ): this;
  /** As `EventEmitter.addListener`. */
  addListener<E extends EventName<TlsSocketEvents>>(
    event: E,
    listener: ListenerFor<TlsSocketEvents, E>,
  ): this;
  /** As `EventEmitter.prependListener`. */
  prependListener<E extends EventName<TlsSocketEvents>>(
    event: E,
    listener: ListenerFor<TlsSocketEvents, E>,
  ): this;
  /** As `EventEmitter.prependOnceListener`. */
  prependOnceListener<E extends EventName<TlsSocketEvents>>(
    event: E,
    listener: ListenerFor<TlsSocketEvents, E>,
  ): this;
}

/** Whoever comes from `node:tls` may give none. */
const isWired = (given: TlsSocketOptions | ServerSocketOptions): given is TlsSocketOptions =>
  Object.hasOwn(Object(given) as object, "createConnection");

const defaultHandshakeTimeout = 10_000;
const highWaterMark = 64 * 1024;

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
 * It fails with a {@link TlsError}, or with the error of its transport: at once, as in `node:tls`, so that
 * what nobody has read is lost. But a stream that ends without close_notify leaves two seconds to read what
 * came before, and as long as somebody reads; then it fails with the code `truncated`. If we have sent
 * close_notify ourselves, it closes without an error, since nobody has to wait for an answer (RFC 9846 §6.1).
 * `end` is only emitted for close_notify.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- every method is an EventEmitter's
export class TlsSocket extends NegotiatedSocket {
  readonly #raw: RawSocket;
  readonly #options: TlsSocketOptions;
  readonly #outgoing = new Outgoing();
  #connection: Connection | undefined;
  #handshakeTimer: NodeJS.Timeout | undefined;
  #ended: (() => void) | undefined;
  /** The reader has enough. */
  #isFull = false;
  /** Early data: nobody reads before the handshake is over. */
  readonly #early = new Gathered();
  #isHandling = false;
  #hasAnswered = false;
  /** We have sent close_notify. */
  #hasClosed = false;
  #failure: Error | undefined;
  /** Bytes of content of a record, where somebody has set that. */
  #fragment: number | undefined;
  /** The stream ended without close_notify, and that is its end. */
  #endIsTaken = false;
  #earlyDataLength = 0;
  /** The stream ended without close_notify, and there is still time to read what came before. */
  #cut: { readonly error: Error | undefined; timer: NodeJS.Timeout } | undefined;

  /**
   * A server's end over a stream, as `new tls.TLSSocket(stream, { isServer: true, cert, key })`. A client's end is
   * made by `connect({ socket })`.
   * @throws TypeError or RangeError for options that cannot be
   */
  constructor(transport: Duplex, given: TlsSocketOptions | ServerSocketOptions) {
    const options = isWired(given) ? given : wireUpServer(given);
    checkSocket(options, "TlsSocket");
    super(
      transport,
      { allowHalfOpen: options.allowHalfOpen ?? false, highWaterMark },
      options.judge,
    );
    this.#options = options;
    if (this.connecting) {
      for (const event of ["connect", "ready", "lookup"]) {
        transport.on(event, (...values: unknown[]) => this.emit(event, ...values));
      }
    }
    this.#raw = new RawSocket(transport, {
      connected: () => this.#start(),
      received: (bytes) => this.receive(bytes),
      drained: () => this.#pump(),
      ended: () => this.#inputEnded(),
      closed: (error) => this.#rawClosed(error),
    });
  }

  /** The engine; `undefined` until the transport is connected. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /**
   * The peer has not said so much yet that there was something to answer or to do.
   * @internal
   */
  get isSilent(): boolean {
    return !this.#hasAnswered && this.#connection?.busy !== true;
  }

  /**
   * Bytes at the beginning of what a server reads that came as early data, once the handshake is over. Before it is over
   * nobody reads them, so that no replay of a flight reaches a reader; a client may still have sent the same before.
   */
  get earlyDataLength(): number {
    return this.#earlyDataLength;
  }

  /** Changes our sending keys, and asks the peer to change its own (RFC 9846 §4.7.3). */
  updateKeys(options: { readonly requestPeer?: boolean } = {}): void {
    this.engine.updateKeys(options);
    this.#pump();
  }

  /**
   * Limits the records that are written from now on, as in `node:tls`.
   * @param length bytes of content, 512 to 16 384
   * @returns whether that is possible
   */
  setMaxSendFragment(length = 16_384): boolean {
    if (!Number.isInteger(length) || length < 512 || length > 16_384) return false;
    this.#fragment = length;
    this.#connection?.setMaxFragment(length);
    return true;
  }

  /**
   * Asks the client for a certificate now (RFC 9846 §4.7.2); `peer` brings the answer.
   * @throws TlsError `misuse` on a client, or if the client did not offer to answer
   */
  requestCertificate(): void {
    this.engine.requestCertificate();
    this.#pump();
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
    this.#options.received?.();
  }

  /** Bytes of the peer's that wait in here, for more of them, for an operation to end, or for a reader. */
  get heldBytes(): number {
    return (this.#connection?.heldBytes ?? 0) + this.#early.held + this.readableLength;
  }

  /** @internal Called by `Readable`. */
  override _read(): void {
    this.#isFull = false;
    this.#regulate();
  }

  /** As of a `Readable`. */
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    if (this.#cut !== undefined) this.#giveTime(this.#cut.error);
    return chunk;
  }

  // Writing

  /** @internal Called by `Writable`. */
  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#send([chunk], callback);
  }

  /** @internal Called by `Writable`. */
  override _writev(
    chunks: readonly { readonly chunk: Uint8Array }[],
    callback: WriteCallback,
  ): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  /** @internal Called by `Writable`: sends close_notify. */
  override _final(callback: WriteCallback): void {
    // Who ends has all that they wanted, however the stream has ended
    if (this.#cut !== undefined) {
      this.#giveTime(undefined);
      return callback();
    }
    if (this.#endIsTaken) return callback();
    if (this.#failure !== undefined) return callback(this.#failure);
    this.#ended = () => callback();
    if (this.#isOpen || this.#raw.isClosed) this.#end();
  }

  /** @internal Called by `Duplex`. */
  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#handshakeTimer);
    clearTimeout(this.#cut?.timer);
    this.setTimeout(0);
    this.#connection?.discard();
    if (this.writableFinished || this.#failure !== undefined) this.#raw.leave();
    else this.#raw.destroy();
    // An error costs more than what is left of a socket
    if (this.#outgoing.isWriting) {
      this.#outgoing.settle(
        error ??
          new TlsSocketError(
            new TlsError("canceled", "the socket was destroyed before all was sent"),
          ),
      );
    }
    callback(error);
  }

  // The engine

  get #isOpen(): boolean {
    return this.#connection?.state === "open";
  }

  #start(): void {
    if (this.destroyed) return;
    try {
      this.#connection = this.#options.createConnection({
        onProgress: () => this.#pump(),
        ...(this.listenerCount("keylog") === 0 ? {} : { keyLog: (line) => this.#logKey(line) }),
      });
    } catch (error) {
      this.destroy(asSocketError(error as Error));
      return;
    }
    if (this.#fragment !== undefined) this.#connection.setMaxFragment(this.#fragment);
    const timeout = this.#options.handshakeTimeout ?? defaultHandshakeTimeout;
    if (timeout > 0) this.#handshakeTimer = setTimeout(() => this.#giveUp(timeout), timeout);
    this.#connection.start();
    this.#sendEarly();
    this.#pump();
  }

  #giveUp(timeout: number): void {
    this.abort(new TlsError("timeout", `the handshake was not over after ${timeout} milliseconds`));
  }

  /** Ends the connection with the error's alert. */
  protected override abort(error: TlsError): void {
    this.#connection?.abort(error);
    this.#pump();
  }

  #logKey(line: string): void {
    this.emit("keylog", Buffer.from(`${line}\n`));
  }

  /** Sends what the engine has for the wire, then tells what happened. */
  #pump(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    // Answers wait in the engine, which owes few, while the transport takes no output
    if (this.#raw.takesOutput || !this.#isAlive) this.#flush();
    this.#handleEvents(connection);
    this.#regulate();
  }

  get #isAlive(): boolean {
    return this.#connection?.state === "handshaking" || this.#isOpen;
  }

  #flush(written?: () => void): void {
    const output = this.#connection?.takeOutput() ?? [];
    this.#hasAnswered ||= output.length > 0;
    this.#raw.write(output, written);
  }

  /** In order: what a listener brings about is told after what it was told itself. */
  #handleEvents(connection: Connection): void {
    if (this.#isHandling) return;
    this.#isHandling = true;
    try {
      let events = connection.takeEvents();
      for (; events.length > 0; events = connection.takeEvents()) {
        for (const event of events) {
          if (this.#failure !== undefined || this.destroyed) return;
          this.#handle(event);
        }
      }
    } finally {
      this.#isHandling = false;
    }
  }

  #handle(event: ConnectionEvent): void {
    switch (event.type) {
      case "open":
        this.#open();
        break;
      case "data":
        if (event.early && (!this.#isOpen || this.#early.length > 0)) this.#early.add(event.data);
        else if (!this.push(event.data)) this.#isFull = true;
        break;
      case "session":
        this.keepSession(event.session);
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
    const connection = this.#connection!;
    clearTimeout(this.#handshakeTimer);
    try {
      this.#outgoing.settleEarly(connection);
    } catch (error) {
      this.abort(toTlsError(error));
      return;
    }
    if (this.#early.length > 0) {
      const early = this.#early.take();
      this.#earlyDataLength = early.length;
      if (!this.push(early)) this.#isFull = true;
    }
    this.emit("secure");
    if (connection.role === "client") this.emit("secureConnect");
    this.#sendBatches();
    if (this.#ended !== undefined) this.#end();
  }

  /** Reads the transport only while the engine and our reader can take more. */
  #regulate(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    // Before the handshake is over, reading must go on: early data is bounded by the engine
    const isEnough = connection.busy || (this.#isFull && this.#isOpen);
    this.#raw.read(!isEnough);
  }

  #send(chunks: readonly Uint8Array[], callback: WriteCallback): void {
    if (this.#failure !== undefined) return callback(this.#failure);
    if (this.#raw.isClosed) return callback(asSocketError(noMoreData()));
    this.#outgoing.put(chunks, callback);
    this.#sendEarly();
    this.#sendBatches();
  }

  /** A client whose options and session allow it does not wait for the handshake. */
  #sendEarly(): void {
    const connection = this.#connection;
    if (connection?.role !== "client" || connection.state !== "handshaking") return;
    this.#outgoing.sendEarly(connection);
    this.#pump();
  }

  /** One batch after the other, each when the transport has taken the one before. */
  #sendBatches(): void {
    const connection = this.#connection;
    if (!this.#outgoing.isWriting || connection === undefined || !this.#isOpen) return;
    if (!this.#outgoing.sendBatch(connection)) {
      this.#outgoing.settle();
      return;
    }
    this.refreshTimeout();
    // One that was destroyed has yet to say why
    if (this.#raw.isEnded) return this.#fail(noMoreData());
    this.#flush(() => this.#sendBatches());
    this.#pump();
  }

  #end(): void {
    const ended = this.#ended;
    this.#ended = undefined;
    this.#hasClosed = true;
    this.#connection?.close();
    this.#flush();
    this.#raw.end(() => ended?.());
    this.#pump();
  }

  // The end

  #inputEnded(): void {
    this.#connection?.receiveEnd();
    this.#pump();
  }

  #rawClosed(error: Error | undefined): void {
    const connection = this.#connection;
    if (error === undefined) this.#inputEnded();
    if (this.destroyed || connection?.state === "closed" || connection?.state === "failed") return;
    // The peer has sent all, and we have nothing left to send
    const isInOrder = error === undefined && this.#isOpen && this.writableLength === 0;
    if (isInOrder) connection?.close();
    else this.#fail(error ?? noMoreData());
  }

  #fail(cause: Error): void {
    if (this.#failure !== undefined || this.destroyed) return;
    const isCut = cause instanceof TlsError && cause.code === "truncated";
    if (isCut && this.#hasClosed) {
      // §6.1: nobody waits for the peer's answer, but our own direction may still be under way
      if (this.writableFinished) this.#giveTime(undefined);
      else this.once("finish", () => this.#giveTime(undefined));
      return;
    }
    if (isCut && this.negotiated !== undefined) {
      // A record that was cut is not an end of anything
      const isWhole = this.#connection?.heldBytes === 0;
      if (this.#options.ignoreUnexpectedEnd === true && isWhole) return this.#takeAsEnd();
      cause.message += "; `ignoreUnexpectedEnd: true` takes that for its end";
    }
    const error = asSocketError(cause);
    this.#failure = error;
    clearTimeout(this.#handshakeTimer);
    this.#connection?.discard();
    this.#raw.leave();
    const mayRead = isCut && this.negotiated !== undefined && !this.#outgoing.isWriting;
    if (mayRead) this.#giveTime(error);
    else this.destroy(error);
  }

  /** The caller knows by the data whether all of it is there. */
  #takeAsEnd(): void {
    this.#failure = asSocketError(new TlsError("canceled", "the peer has ended the stream"));
    this.#raw.leave();
    this.#endIsTaken = true;
    this.push(null);
    this.read(0);
    // A half that nobody reads any more
    if (this.writable) this.end();
  }

  /** Ends when nobody reads any more; who has read all may still end the socket before it is told. */
  #giveTime(error: Error | undefined): void {
    clearTimeout(this.#cut?.timer);
    const time = this.readableLength === 0 ? 0 : lingering;
    this.#cut = { error, timer: setTimeout(() => this.destroy(error), time) };
  }
}

refuseMethods(TlsSocket.prototype, "TlsSocket", refusedOfSocket);

const noMoreData = (): TlsError => new TlsError("canceled", "the transport takes no more data");
