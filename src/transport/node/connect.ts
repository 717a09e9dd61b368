import * as net from "node:net";
import type { Duplex } from "node:stream";
import { ownClientTable, session } from "../../connection/index.ts";
import type { OfferedPsk } from "../../handshake/index.ts";
import * as check from "../../registry/check.ts";
import {
  type ClientContextOptions,
  clientContextTable,
  refuseSynonyms,
} from "./context-options.ts";
import { clientContext, createSecureContext, type SecureContext } from "./context.ts";
import { secureContext, select, tlsSocketTable } from "./socket-options.ts";
import { TlsSocket } from "./socket.ts";
import { wireUpClient } from "./wire-up.ts";
import type { TlsSocketOptions } from "./wiring.ts";
import { isBytes } from "../../wire/index.ts";

/**
 * Where {@link connect} connects to, and how: the options of `tls.connect` in its spelling, and those of the
 * engine.
 */
export interface ConnectOptions
  extends
    ClientContextOptions,
    Omit<TlsSocketOptions, "createConnection" | "judge" | "received">,
    Partial<Omit<net.TcpNetConnectOpts, NotOurs>> {
  /** A stream to the server that is there already, instead of `host` and `port`. */
  readonly socket?: Duplex;
  /** A Unix domain socket or a pipe, instead of `host` and `port`. */
  readonly path?: string;
  /** As {@link ClientContextOptions.serverName}, in the spelling of `node:tls`. Default: `host`. */
  readonly servername?: string;
  /** What a `session` event of an earlier connection to the same server gave, or `getSession()`, to resume it. */
  readonly session?: OfferedPsk | Uint8Array | undefined;
  /**
   * Options that were prepared for many connections. What else is said holds for this one, which costs it the preparation
   * of all of them.
   */
  readonly secureContext?: SecureContext;
}

/** Of a socket that there is already, or what this one must decide itself. */
type NotOurs = "onread" | "allowHalfOpen" | "fd" | "readable" | "writable";

/** As the command line and URLs give it. */
const decimal: check.Check = (value, where) => {
  const isPort = /^\d{1,5}$/.test(String(value));
  check.whole(0, 65_535)(isPort ? Number(value) : value, where);
};

/** Of later versions of Node. */
const later = { blockList: check.like("a net.BlockList", "check") };

const netTable = {
  host: check.text,
  port: check.nameOr(decimal, check.whole(0, 65_535)),
  path: check.text,
  localAddress: check.text,
  localPort: check.whole(0, 65_535),
  hints: check.whole(),
  family: check.whole(),
  lookup: check.callable,
  noDelay: check.flag,
  keepAlive: check.flag,
  keepAliveInitialDelay: check.number(0, Infinity, " milliseconds"),
  autoSelectFamily: check.flag,
  autoSelectFamilyAttemptTimeout: check.number(0, Infinity, " milliseconds"),
  timeout: check.number(0, Infinity, " milliseconds"),
  signal: check.like("an AbortSignal", "aborted"),
  ...later,
} satisfies check.OptionTable<Omit<net.TcpNetConnectOpts, NotOurs> & { path?: string }>;

/** What may be another for each connection, whatever was prepared for all. */
export const connectionTable = {
  ...netTable,
  ...tlsSocketTable,
  ...ownClientTable,
  socket: check.like("a Duplex", "write", "pipe"),
  servername: check.text,
  session: check.either(isBytes, check.bytes, session),
};

export const connectTable = {
  ...clientContextTable,
  ...connectionTable,
  secureContext: secureContext("createSecureContext", "client"),
} satisfies check.OptionTable<ConnectOptions>;

/** The context that is given, with what stands beside it, or one of all the options that it would hold. */
function contextFor(options: ConnectOptions): SecureContext {
  const { secureContext: given } = options;
  if (given === undefined) return createSecureContext(select(options, clientContextTable));
  return clientContext(given, select(options, preparedTable));
}

/** What a context holds, and no connection can have otherwise. */
export const preparedTable = Object.fromEntries(
  Object.entries(clientContextTable).filter(([name]) => !Object.hasOwn(connectionTable, name)),
) as Omit<typeof clientContextTable, keyof typeof connectionTable>;

type Listener = () => void;

/**
 * Connects to a server, as `tls.connect` does. The listener is added to `secureConnect`.
 *
 * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work; everything later is
 * told by `error`
 */
export function connect(options: ConnectOptions, listener?: Listener): TlsSocket;
/** As above, to a port of this machine. */
export function connect(port: number, options?: ConnectOptions, listener?: Listener): TlsSocket;
/** As above, to a port of a host. */
export function connect(
  port: number,
  host?: string,
  options?: ConnectOptions,
  listener?: Listener,
): TlsSocket;
/** As above, to a Unix domain socket or a pipe. */
export function connect(path: string, options?: ConnectOptions, listener?: Listener): TlsSocket;
export function connect(
  ...given: readonly (string | number | ConnectOptions | Listener | undefined)[]
): TlsSocket {
  const { options, listener } = readArguments(given);
  check.checkOptions("connect", options, connectTable);
  refuseSynonyms(options);
  const socket = open(options, wireUpClient(options, contextFor(options)));
  if (listener !== undefined) socket.once("secureConnect", listener);
  return socket;
}

/** One buffer for all: the engine copies what it keeps before the next read. */
let readBuffer: Buffer | undefined;
const readSize = 256 * 1024;

function open(options: ConnectOptions, tlsOptions: TlsSocketOptions): TlsSocket {
  if (options.socket !== undefined) {
    refuseBesideSocket(options);
    const socket = new TlsSocket(options.socket, tlsOptions);
    return options.timeout === undefined ? socket : socket.setTimeout(options.timeout);
  }
  const transport = net.connect({
    noDelay: true,
    ...(select(options, netTable) as net.TcpNetConnectOpts),
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

/** `host` is the name to verify, and `port` part of what is remembered; the rest would do nothing. */
function refuseBesideSocket(options: ConnectOptions): void {
  const { host: _, port: __, timeout: ___, ...others } = select(options, netTable);
  const [name] = Object.keys(others);
  if (name !== undefined) throw new TypeError(`connect: ${name} does nothing beside socket`);
}
