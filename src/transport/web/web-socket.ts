/**
 * A WebSocket as two streams of bytes. It cannot be told to wait: what nobody has read yet is kept, up to a limit, beyond
 * which the connection fails. And it ends in both directions at once: when the writable is closed or aborted. After its
 * readable was canceled, what comes is thrown away.
 */
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import type { ByteStreams } from "./streams.ts";

/** What is used of a WebSocket: that of browsers, Workers, Deno, Bun and Node, or that of the package `ws`. */
export interface WebSocketLike {
  /** Set to `arraybuffer`. */
  binaryType: string;
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that were given to `send` and have not left; not everywhere there. */
  readonly bufferedAmount?: number;
  /** Listens; `data` of a `message` is an ArrayBuffer. */
  addEventListener(
    type: "open" | "message" | "close" | "error",
    listener: (event: { readonly data?: unknown }) => void,
  ): void;
  /** Sends one binary message. */
  send(data: Uint8Array<ArrayBuffer>): void;
  /** Begins the closing handshake. */
  close(): void;
}

/** The options of {@link webSocketStreams}. */
export interface WebSocketStreamOptions {
  /**
   * Bytes that may have come and not been read, counted with 256 more for each message; the connection fails beyond them.
   * Default: 16 MiB.
   */
  readonly maxUnread?: number;
}

const checkWebSocket = check.options({
  maxUnread: check.whole(1, undefined, " bytes"),
} satisfies check.OptionTable<WebSocketStreamOptions>);

const defaultMaxUnread = 2 ** 24;
/** Bytes that a message takes beside its own. */
const messageOverhead = 256;
const costOf = ({ length }: Uint8Array): number => messageOverhead + length;
/** Its states (WHATWG WebSockets §3.1). */
const [connecting, open] = [0, 1];
/**
 * Bytes that may wait to be sent before a write waits, too; and how often one that waits looks again, in milliseconds: no
 * event tells that `bufferedAmount` has become less. Nobody looks while nothing waits.
 */
const [maxUnsent, pause] = [2 ** 20, 10];

/**
 * The bytes that a WebSocket carries in binary messages, for {@link toWebStreams}. It may be opening or open, a client's
 * or a server's. Both ends speak TLS within it; where its messages begin and end means nothing.
 * @throws TypeError or RangeError for options that cannot be
 */
export function webSocketStreams(
  socket: WebSocketLike,
  options: WebSocketStreamOptions = {},
): ByteStreams {
  checkWebSocket(options, "webSocketStreams");
  const { maxUnread = defaultMaxUnread } = options;
  // Not that of browsers, whose Blobs have to be waited for
  socket.binaryType = "arraybuffer";
  let source!: ReadableStreamDefaultController<Uint8Array>;
  let sink!: WritableStreamDefaultController;
  let isOver = false;
  let isRead = true;
  const fail = (error: TlsError): void => {
    if (isOver) return;
    isOver = true;
    source.error(error);
    sink.error(error);
    socket.close();
  };
  const leave = (): void => {
    if (!isOver && isRead) source.close();
    isOver = true;
    socket.close();
  };
  let wasOpen = socket.readyState === open;
  const opened = new Promise<void>((resolve, reject) => {
    if (wasOpen) return resolve();
    if (socket.readyState !== connecting) return reject(gone());
    socket.addEventListener("close", () => reject(gone()));
    socket.addEventListener("open", () => {
      wasOpen = true;
      resolve();
    });
  });
  const readable = new ReadableStream<Uint8Array>(
    {
      start: (controller) => void (source = controller),
      cancel: () => void (isRead = false),
    },
    { highWaterMark: maxUnread, size: costOf },
  );
  const writable = new WritableStream<Uint8Array>({
    start(controller) {
      sink = controller;
      return opened;
    },
    async write(chunk) {
      socket.send(chunk as Uint8Array<ArrayBuffer>);
      while (socket.readyState === open && (socket.bufferedAmount ?? 0) > maxUnsent) {
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    },
    close: leave,
    abort: leave,
  });
  opened.catch((error: TlsError) => fail(error));
  socket.addEventListener("message", ({ data }) => {
    if (isOver || !isRead) return;
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    if (!(bytes instanceof Uint8Array)) return fail(notBytes(data));
    if (bytes.length === 0) return;
    if ((source.desiredSize ?? 0) < bytes.length) return fail(tooMuchUnread(maxUnread));
    source.enqueue(bytes);
  });
  socket.addEventListener("error", () => {
    fail(new TlsError("canceled", "the WebSocket has failed"));
  });
  socket.addEventListener("close", () => {
    if (!wasOpen) return fail(gone());
    if (isOver) return;
    leave();
    sink.error(gone());
  });
  return { readable, writable };
}

const gone = (): TlsError => new TlsError("canceled", "the WebSocket is closed");

const notBytes = (data: unknown): TlsError =>
  new TlsError("canceled", "a message of the WebSocket has no bytes", {
    expected: "binary messages",
    received: typeof data === "string" ? "text" : typeof data,
  });

const tooMuchUnread = (maxUnread: number): TlsError =>
  new TlsError("canceled", "too much came in by the WebSocket that nobody has read", {
    expected: `at most ${maxUnread} bytes; read faster, or raise \`maxUnread\``,
  });
