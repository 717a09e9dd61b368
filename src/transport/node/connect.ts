import * as net from "node:net";
import type { Duplex } from "node:stream";
import type { OfferedPsk } from "../../handshake/index.ts";
import { type ClientContextOptions, createSecureContext, type SecureContext } from "./context.ts";
import { TlsSocket, type TlsSocketOptions } from "./socket.ts";

export interface ConnectOptions
  extends
    ClientContextOptions,
    Omit<TlsSocketOptions, "createConnection" | "judge">,
    Partial<Omit<net.TcpNetConnectOpts, "onread" | "allowHalfOpen">> {
  /** A stream to the server that is there already, instead of `host` and `port`. */
  readonly socket?: Duplex;
  /** A Unix domain socket or a pipe, instead of `host` and `port`. */
  readonly path?: string;
  /** As {@link ClientContextOptions.serverName}, in the spelling of `node:tls`. Default: `host`. */
  readonly servername?: string;
  /** What a `session` event of an earlier connection to the same server gave, to resume it. */
  readonly session?: OfferedPsk | undefined;
  /** Options that were prepared for many connections; those of the engine are then read from it alone. */
  readonly secureContext?: SecureContext;
}

type Listener = () => void;

/**
 * Connects to a server, as `tls.connect` does. The listener is added to `secureConnect`.
 *
 * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work; everything later is
 * told by `error`
 */
export function connect(options: ConnectOptions, listener?: Listener): TlsSocket;
export function connect(port: number, options?: ConnectOptions, listener?: Listener): TlsSocket;
export function connect(
  port: number,
  host?: string,
  options?: ConnectOptions,
  listener?: Listener,
): TlsSocket;
export function connect(path: string, options?: ConnectOptions, listener?: Listener): TlsSocket;
export function connect(
  ...given: readonly (string | number | ConnectOptions | Listener | undefined)[]
): TlsSocket {
  const { options, listener } = readArguments(given);
  const context = options.secureContext ?? createSecureContext(options);
  const serverName = options.serverName ?? (options.servername || options.host || "localhost");
  const socket = open(options, {
    ...pick(options, "handshakeTimeout", "allowHalfOpen"),
    judge: (negotiated) => context.judge(negotiated, { serverName }),
    createConnection: (wiring) =>
      context.connection(wiring, {
        serverName,
        historyKey: options.historyKey ?? `${serverName}:${options.port ?? ""}`,
        ...pick(options, "earlyData"),
        ...(options.session === undefined ? {} : { psks: [options.session] }),
      }),
  });
  if (listener !== undefined) socket.once("secureConnect", listener);
  return socket;
}

/** One buffer for all: the engine copies what it keeps before the next read. */
let readBuffer: Buffer | undefined;
const readSize = 256 * 1024;

function open(options: ConnectOptions, tlsOptions: TlsSocketOptions): TlsSocket {
  if (options.socket !== undefined) return new TlsSocket(options.socket, tlsOptions);
  const transport = net.connect({
    noDelay: true,
    ...(options as net.TcpNetConnectOpts),
    // TLS has a half-close of its own
    allowHalfOpen: true,
    onread: {
      buffer: (readBuffer ??= Buffer.allocUnsafeSlow(readSize)),
      callback: (length, buffer) => {
        socket.receive(buffer.subarray(0, length));
        return true;
      },
    },
  });
  const socket = new TlsSocket(transport, tlsOptions);
  if (options.timeout !== undefined) {
    transport.setTimeout(0);
    socket.setTimeout(options.timeout);
  }
  return socket;
}

/** The forms in which `tls.connect` takes its arguments, the most particular first. */
function readArguments(
  given: readonly (string | number | ConnectOptions | Listener | undefined)[],
): {
  readonly options: ConnectOptions;
  readonly listener: Listener | undefined;
} {
  const [first, second] = given;
  const place =
    typeof first === "number" || (typeof first === "string" && /^\d+$/.test(first))
      ? { port: Number(first), ...(typeof second === "string" ? { host: second } : {}) }
      : typeof first === "string"
        ? { path: first }
        : {};
  return {
    options: { ...place, ...given.find((each) => typeof each === "object") },
    listener: given.find((each) => typeof each === "function"),
  };
}

/** The named options that are there: an absent one and one that is `undefined` are different things. */
function pick<T, K extends keyof T>(from: T, ...keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]),
  ) as Pick<T, K>;
}
