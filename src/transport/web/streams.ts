import * as check from "../../registry/check.ts";
import type { Connection, ConnectionEvent } from "../../connection/index.ts";
import type { Finding } from "../../detection/index.ts";
import type { Negotiated, OfferedPsk, PeerIdentity } from "../../handshake/index.ts";
import { TlsError } from "../../registry/index.ts";

/**
 * A stream of bytes in both directions: a socket of Deno or of Cloudflare's Workers, a stream of WebTransport, or
 * `webSocketStreams(socket)`.
 */
export interface ByteStreams {
  /** What comes from the peer. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What goes to the peer. */
  readonly writable: WritableStream<Uint8Array>;
}

/** The options of {@link toWebStreams}. */
export interface WebStreamOptions {
  /** Gets what each ticket allows a later connection to resume. */
  readonly onSession?: (session: OfferedPsk) => void;
  /** Gets a client's answer to `requestCertificate`. */
  readonly onPeer?: (peer: PeerIdentity | undefined) => void;
  /** What detectors noticed of a downgrade. */
  readonly onFinding?: (finding: Finding) => void;
  /** Milliseconds until the handshake must be over. Default: 10 000; 0 waits forever. */
  readonly handshakeTimeout?: number;
}

const defaultHandshakeTimeout = 10_000;
/** Milliseconds for which a transport is awaited to end after both directions have ended. */
const lingering = 2000;

const streamOptions = check.options({
  onSession: check.callable,
  onPeer: check.callable,
  onFinding: check.callable,
  handshakeTimeout: check.number(0, 2 ** 31 - 1, " milliseconds"),
} satisfies check.OptionTable<WebStreamOptions>);

/** A TLS connection as a pair of streams. */
export interface WebStreams extends ByteStreams {
  /** Resolves when the handshake is over. */
  readonly opened: Promise<Negotiated>;
  /** Resolves when both directions have ended: ours closed, the peer's read to its end or canceled. */
  readonly closed: Promise<void>;
}

/** Bytes that are sealed before the transport gets a say. */
const pieceSize = 0x40000;

/**
 * Makes WHATWG streams of a connection and its transport, and begins the handshake.
 *
 * Reading drives the connection: the transport is read only while somebody waits for data, or for the
 * handshake. Closing `writable` sends close_notify, and the peer may go on sending. Aborting it ends
 * everything without a word, which the peer takes for a truncation. A failure rejects `opened` and
 * `closed` and both streams, the readable after the data that came before, with a {@link TlsError}
 * or the error of the transport. The transport is closed when both directions have ended, and after a failure.
 *
 * @param create makes the connection: `(wiring) => createClientConnection({ ...options, ...wiring })`
 * @throws TypeError or RangeError for options that cannot be, and what `create` throws
 */
export function toWebStreams(
  create: (wiring: { readonly onProgress: () => void }) => Connection,
  transport: ByteStreams,
  options: WebStreamOptions = {},
): WebStreams {
  streamOptions(options, "toWebStreams");
  const { readable, writable, opened, closed } = new WebDriver(create, transport, options);
  return { readable, writable, opened: opened.promise, closed: closed.promise };
}

class WebDriver {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly opened = defer<Negotiated>();
  readonly closed = defer<void>();
  readonly #connection: Connection;
  readonly #options: WebStreamOptions;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  #failure: { readonly reason: unknown } | undefined;
  /** When all output so far has been taken. */
  #written: Promise<void> = Promise.resolve();
  /** Pieces of data so far. */
  #delivered = 0;
  /** The transport takes no output now. */
  #isFull = false;
  #peerEnded = false;
  #weEnded = false;
  #handshakeTimer: ReturnType<typeof setTimeout> | undefined;
  #wake = (): void => {};

  constructor(
    create: (wiring: { readonly onProgress: () => void }) => Connection,
    transport: ByteStreams,
    options: WebStreamOptions,
  ) {
    this.#options = options;
    this.#connection = create({
      onProgress: () => {
        this.#settle();
        this.#wake();
      },
    });
    this.#reader = transport.readable.getReader();
    this.#writer = transport.writable.getWriter();
    const { handshakeTimeout: timeout = defaultHandshakeTimeout } = options;
    if (timeout > 0) this.#handshakeTimer = setTimeout(() => this.#giveUp(timeout), timeout);
    this.writable = this.#makeWritable();
    this.readable = this.#makeReadable();
  }

  #makeWritable(): WritableStream<Uint8Array> {
    return new WritableStream<Uint8Array>({
      start: (sink) => {
        this.#sink = sink;
        const { signal } = sink;
        // Later, since Node 20 does not let a stream be errored while it is told of its abortion
        const fail = (): void => this.#fail(signal.reason ?? aborted());
        signal.addEventListener("abort", () => queueMicrotask(fail));
        return this.opened.promise.then(ignore);
      },
      write: (data) =>
        this.#write(data).catch((reason: unknown) => {
          this.#fail(reason);
          throw reason;
        }),
      close: () => this.#close(),
    });
  }

  #makeReadable(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (source) => {
          this.#source = source;
          this.#connection.start();
          this.#settle();
          return this.#advance(() => this.#connection.state === "open");
        },
        pull: () => {
          const before = this.#delivered;
          return this.#advance(() => this.#delivered > before || this.#peerEnded);
        },
        cancel: () => this.#endReading(),
      },
      // Pulled only when somebody waits and nothing is left: so a failure comes after the data
      { highWaterMark: 0 },
    );
  }

  async #write(data: Uint8Array): Promise<void> {
    check.bytes(data, "write: data");
    for (let at = 0; at < data.length; at += pieceSize) {
      this.#connection.write(data.subarray(at, at + pieceSize));
      this.#settle();
      await this.#writer.ready;
    }
  }

  async #close(): Promise<void> {
    this.#connection.close();
    this.#flush();
    this.#settle();
    await this.#written;
    this.#weEnded = true;
    this.#endWhenBothHave();
  }

  async #advance(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      if (this.#failure !== undefined) throw this.#failure.reason;
      await this.#step().catch((reason: unknown) => this.#fail(reason));
    }
  }

  /** Waits for input, or for the operation that must end before there can be more. */
  async #step(): Promise<void> {
    const connection = this.#connection;
    if (connection.busy) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      return;
    }
    const { done, value } = await this.#reader.read();
    if (done) connection.receiveEnd();
    else connection.receive(value);
    this.#settle();
  }

  /** Sends what there is to send, then handles what happened. */
  #settle(): void {
    const { state } = this.#connection;
    const isOver = state === "closed" || state === "failed";
    // Answers wait in the engine, which owes few, while the transport takes no output
    if (isOver || (this.#writer.desiredSize ?? 1) > 0) this.#flush();
    else this.#flushLater();
    for (const event of this.#connection.takeEvents()) this.#handle(event);
  }

  #flush(): void {
    for (const chunk of this.#connection.takeOutput()) {
      this.#written = this.#writer.write(chunk).catch((reason: unknown) => this.#fail(reason));
    }
  }

  #flushLater(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    const flush = (): void => {
      this.#isFull = false;
      this.#flush();
    };
    this.#writer.ready.then(flush, ignore);
  }

  #handle(event: ConnectionEvent): void {
    switch (event.type) {
      case "open":
        clearTimeout(this.#handshakeTimer);
        this.opened.resolve(event.negotiated);
        break;
      case "data":
        this.#delivered++;
        if (!this.#peerEnded) this.#source.enqueue(event.data);
        break;
      case "session":
        this.#options.onSession?.(event.session);
        break;
      case "peer":
        this.#options.onPeer?.(event.peer);
        break;
      case "finding":
        this.#options.onFinding?.(event.finding);
        break;
      case "end":
        if (!this.#peerEnded) this.#source.close();
        this.#endReading();
        break;
      case "error":
        this.#fail(event.error);
        break;
    }
  }

  #endReading(): void {
    this.#peerEnded = true;
    this.#endWhenBothHave();
  }

  /** Not before: many a transport ends in both directions at once. To the peer close_notify says it. */
  #endWhenBothHave(): void {
    if (!this.#weEnded || !this.#peerEnded) return;
    this.closed.resolve();
    this.#writer.close().catch(ignore);
    void this.#awaitTheEnd();
  }

  /** What still comes is thrown away: to close on unread input would make TCP take back what we sent last. */
  async #awaitTheEnd(): Promise<void> {
    const timer = setTimeout(() => void this.#reader.cancel().catch(ignore), lingering);
    try {
      while (!(await this.#reader.read()).done);
    } catch {
      // Nobody waits for more
    } finally {
      clearTimeout(timer);
    }
  }

  #giveUp(timeout: number): void {
    this.#connection.abort(
      new TlsError("timeout", `the handshake was not over after ${timeout} milliseconds`),
    );
    this.#settle();
    this.#wake();
  }

  #fail(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { reason };
    clearTimeout(this.#handshakeTimer);
    // An alert that explains the failure goes out before the end; anything else ends at once
    const isTold = this.#connection.state === "failed";
    this.#connection.discard();
    this.#sink.error(reason);
    this.opened.reject(reason);
    this.closed.reject(reason);
    (isTold ? this.#writer.close() : this.#writer.abort(reason)).catch(ignore);
    this.#reader.cancel(reason).catch(ignore);
    this.#wake();
  }
}

const ignore = (): void => {};
const aborted = (): TlsError => new TlsError("canceled", "the stream was aborted");

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** A promise whose rejection need not be handled: the streams tell it too. */
function defer<T>(): Deferred<T> {
  let settlers: Omit<Deferred<T>, "promise"> | undefined;
  const promise = new Promise<T>((resolve, reject) => (settlers = { resolve, reject }));
  promise.catch(ignore);
  return { promise, ...settlers! };
}
