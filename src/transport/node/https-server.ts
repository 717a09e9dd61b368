import * as http from "node:http";
import * as net from "node:net";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import { tellAsWell } from "./behind.ts";
import { type ServerContextOptions, speakingHttp } from "./context-options.ts";
import { markEarlyRequests, watchEarlyRequests } from "./early-requests.ts";
import { refusedOfServer, refuseMethods } from "./node-members.ts";
import { TlsServer, type TlsServerOptions, tlsServerTable } from "./server.ts";
import type { EventName, ListenerFor, TlsServerEvents } from "./socket-events.ts";
import { select } from "./socket-options.ts";
import type { TlsSocket } from "./socket.ts";
import type { JudgeAgainOptions } from "./wiring.ts";

/** Of later versions of Node than the oldest that we run on. */
const laterServer = {
  keepAliveTimeoutBuffer: check.number(0, Infinity, " milliseconds"),
  optimizeEmptyRequests: check.flag,
  shouldUpgradeCallback: check.callable,
};

const httpServerTable = {
  IncomingMessage: check.callable,
  ServerResponse: check.callable,
  requestTimeout: check.number(0, Infinity, " milliseconds"),
  headersTimeout: check.number(0, Infinity, " milliseconds"),
  keepAliveTimeout: check.number(0, Infinity, " milliseconds"),
  connectionsCheckingInterval: check.number(0, Infinity, " milliseconds"),
  maxHeaderSize: check.whole(0, undefined, " bytes"),
  highWaterMark: check.whole(0, undefined, " bytes"),
  insecureHTTPParser: check.flag,
  joinDuplicateHeaders: check.flag,
  requireHostHeader: check.flag,
  rejectNonStandardBodyWrites: check.flag,
  uniqueHeaders: check.listOf(check.nameOr(check.text, check.listOf(check.text))),
  noDelay: check.flag,
  keepAlive: check.flag,
  keepAliveInitialDelay: check.number(0, Infinity, " milliseconds"),
  ...laterServer,
} satisfies check.OptionTable<http.ServerOptions>;

export const httpsServerTable = {
  ...tlsServerTable,
  ...httpServerTable,
} satisfies check.OptionTable<HttpsServerOptions>;

/**
 * An HTTP server over ours: a plain `http.Server` in all respects, whose connections go through a
 * {@link TlsServer} first, whose events are emitted on it too. It needs an
 * `http.Server` that serves any stream: Node's and Deno's do, Bun's does not.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- every method is an EventEmitter's
export class HttpsServer extends http.Server {
  readonly #tls: TlsServer;

  /** @throws RangeError, TypeError or TlsError `misuse` for options that cannot work, and on Bun */
  constructor(options: HttpsServerOptions, listener?: http.RequestListener) {
    check.checkOptions("createHttpsServer", options, httpsServerTable);
    super(select(options, httpServerTable), listener);
    // Bun's opens a port of its own, and would speak on it without any TLS of ours
    if (!isNetServer(this)) {
      throw new TlsError(
        "misuse",
        "createHttpsServer: the http.Server of this runtime is not a net.Server",
        {
          expected: "Node or Deno, or createServer and an HTTP parser of your own",
        },
      );
    }
    const secured = this.listeners("connection");
    // Requests under way are answered first, which only we know of
    const { maxConnectionAge, ...tls } = select(options, tlsServerTable);
    this.#tls = new TlsServer(speakingHttp(tls), (socket) => {
      if (maxConnectionAge !== undefined) drainAfter(maxConnectionAge, socket);
      this.emit("secureConnection", socket);
      watchEarlyRequests(socket);
      for (const serve of secured) Reflect.apply(serve, this, [socket]);
    });
    tellAsWell(this, this.#tls, "HttpsServer");
    // As node:https has it
    this.on("tlsClientError", (error, socket) => void this.emit("clientError", error, socket));
    this.removeAllListeners("connection");
    this.on("connection", (transport) => this.#tls.emit("connection", transport));
    if (maxConnectionAge !== undefined) this.prependListener("request", sayWhenOld);
    if (options.earlyData !== undefined || options.secureContext !== undefined)
      markEarlyRequests(this);
  }

  /** Connections whose handshake is not over. */
  get pendingHandshakes(): number {
    return this.#tls.pendingHandshakes;
  }

  /** Ends all connections at once, those too whose handshake is not over. */
  override closeAllConnections(): void {
    this.#tls.closePending();
    super.closeAllConnections();
  }

  /** As {@link TlsServer.update}. */
  update(changes: Partial<ServerContextOptions>): void {
    this.#tls.update(changes);
  }

  /** As {@link TlsServer.setSecureContext}. */
  setSecureContext(changes: Partial<ServerContextOptions>): void {
    this.#tls.setSecureContext(changes);
  }

  /** As {@link TlsServer.addContext}. */
  addContext(...given: Parameters<TlsServer["addContext"]>): void {
    this.#tls.addContext(...given);
  }

  /** As {@link TlsServer.judgeAgain}. */
  async judgeAgain(options: JudgeAgainOptions = {}): Promise<readonly TlsSocket[]> {
    return this.#tls.judgeAgain(options);
  }
}

const isNetServer = (server: object): boolean => server instanceof net.Server;

type Events = Pick<
  TlsServerEvents<TlsSocket>,
  "keylog" | "newSession" | "resumeSession" | "secureConnection" | "tlsClientError"
>;

/** Listeners take what the event brings; one that takes something else does not compile. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- every method is an EventEmitter's
export interface HttpsServer {
  /** As `EventEmitter.on`. */
  on<E extends EventName<Events>>(event: E, listener: ListenerFor<Events, E>): this;
  /** As `EventEmitter.once`. */
  once<E extends EventName<Events>>(event: E, listener: ListenerFor<Events, E>): this;
  /** As `EventEmitter.addListener`. */
  addListener<E extends EventName<Events>>(event: E, listener: ListenerFor<Events, E>): this;
  /** As `EventEmitter.prependListener`. */
  prependListener<E extends EventName<Events>>(event: E, listener: ListenerFor<Events, E>): this;
  /** As `EventEmitter.prependOnceListener`. */
  prependOnceListener<E extends EventName<Events>>(
    event: E,
    listener: ListenerFor<Events, E>,
  ): this;
}

refuseMethods(HttpsServer.prototype, "HttpsServer", refusedOfServer);

/** Makes an {@link HttpsServer}. @throws RangeError, TypeError or TlsError `misuse` for options that cannot work */
export const createHttpsServer = (
  options: HttpsServerOptions,
  listener?: http.RequestListener,
): HttpsServer => new HttpsServer(options, listener);

/** Connections that take no further request: the answer at hand is their last. */
const old = new WeakSet<object>();

/** When a connection is old it ends if it is idle; a busy one says with its answer that this is the last. */
function drainAfter(age: number, socket: TlsSocket): void {
  const timer = setTimeout(() => {
    old.add(socket);
    if (!busy.has(socket)) socket.end();
  }, age).unref();
  socket.once("close", () => clearTimeout(timer));
}

const busy = new WeakSet<object>();

function sayWhenOld({ socket }: http.IncomingMessage, response: http.ServerResponse): void {
  busy.add(socket);
  if (old.has(socket)) response.shouldKeepAlive = false;
  response.once("close", () => {
    busy.delete(socket);
    if (old.has(socket)) socket.end();
  });
}

/** The options of `http.Server` and of a TLS server. */
export interface HttpsServerOptions extends TlsServerOptions, http.ServerOptions {
  /**
   * Milliseconds after which a connection takes no further request: an answer under way is its last. Default: any
   * age.
   */
  readonly maxConnectionAge?: number;
}
