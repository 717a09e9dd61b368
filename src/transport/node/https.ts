import * as http from "node:http";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import { MemoryHistory } from "../../detection/index.ts";
import type { OfferedPsk } from "../../handshake/index.ts";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import {
  connect,
  connectionTable,
  type ConnectOptions,
  connectTable,
  preparedTable,
} from "./connect.ts";
import {
  type ClientContextOptions,
  clientContextTable,
  refuseSynonyms,
  type ServerContextOptions,
} from "./context-options.ts";
import { createSecureContext, type SecureContext } from "./context.ts";
import { markEarlyRequests, watchEarlyRequests } from "./early-requests.ts";
import { judgeAll } from "./judge-all.ts";
import { refusedOfServer, refuseMethods } from "./node-members.ts";
import { tellAsWell } from "./behind.ts";
import { SessionCache } from "./sessions.ts";
import { TlsServer, type TlsServerOptions, tlsServerTable } from "./server.ts";
import { nameOf, RequestContexts, type Said } from "./request-contexts.ts";
import { beside, select } from "./socket-options.ts";
import type { EventName, ListenerFor, TlsServerEvents } from "./socket-events.ts";
import type { TlsSocket } from "./socket.ts";
import type { JudgeAgainOptions } from "./wiring.ts";

/** Of later versions of Node than the oldest that we run on. */
const laterServer = {
  keepAliveTimeoutBuffer: check.number(0, Infinity, " milliseconds"),
  optimizeEmptyRequests: check.flag,
  shouldUpgradeCallback: check.callable,
};
const laterAgent = {
  agentKeepAliveTimeoutBuffer: check.number(0, Infinity, " milliseconds"),
  proxyEnv: check.refused("a proxy is not spoken to"),
  defaultPort: check.whole(0, 65_535),
  protocol: check.oneOf("https:"),
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
        "createHttpsServer: the http.Server of this runtime is no net.Server",
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

/**
 * A body that ends with the connection is whole only if the connection ended rightly (RFC 9112 §9.8): `node:http` calls
 * it whole whatever the socket's error.
 */
function failWithItsSocket(request: http.ClientRequest): void {
  request.once("socket", (socket) => {
    const fail = (error: Error): void => {
      const { res: response } = request as { readonly res?: http.IncomingMessage };
      if (response?.complete === false) response.destroy(error);
    };
    socket.prependListener("error", fail);
    request.once("close", () => socket.off("error", fail));
  });
}

/** HTTP/1.1 by ALPN where nothing else is said, as `node:https` has it. */
const speakingHttp = <O extends { readonly secureContext?: unknown }>(options: O): O =>
  ["alpn", "ALPNProtocols", "ALPNCallback", "selectProtocol", "secureContext"].some(
    (name) => name in options,
  )
    ? options
    : { alpn: ["http/1.1"], ...options };

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

/** The options of `http.Agent`, of a client's connections, and of the rules by which open ones are judged again. */
export interface HttpsAgentOptions
  extends ConnectOptions, Omit<http.AgentOptions, keyof ConnectOptions | "onread"> {
  /**
   * Servers that are remembered: their sessions, to be resumed, and where no `history` is given the groups that they took.
   * 0 for none. Default: 100.
   */
  readonly maxCachedSessions?: number;
  /** Milliseconds after which a connection is not used for another request. Default: any age. */
  readonly maxConnectionAge?: number;
  /** As of {@link JudgeAgainOptions}, for a connection that is to be used again. Default: `end`. */
  readonly whenExpired?: JudgeAgainOptions["whenExpired"];
}

export const agentTable = {
  ...connectTable,
  keepAliveMsecs: check.number(0, Infinity, " milliseconds"),
  maxSockets: check.limit,
  maxTotalSockets: check.limit,
  maxFreeSockets: check.limit,
  scheduling: check.oneOf("fifo", "lifo"),
  maxCachedSessions: check.whole(0),
  maxConnectionAge: check.number(1, 2 ** 31 - 1, " milliseconds"),
  whenExpired: check.oneOf("end", "keep"),
  ...laterAgent,
} satisfies check.OptionTable<HttpsAgentOptions>;

/** What a judgement of a pooled connection rested on. */
interface Judged {
  readonly grounds: readonly unknown[];
  /** On the process's clock. */
  readonly at: number;
}

/** What one request can say for itself. */
const requestTable = { ...preparedTable, secureContext: connectTable.secureContext };

/** Milliseconds for which a verdict holds on the same grounds: certificates and lists end, too. */
const verdictHolds = 1000;

/**
 * An agent for `http.get`, `https.get` and their like whose connections are ours. A connection from its pool is
 * judged again before it is used again, by what holds then: trust, revocation, `authorize`.
 */
export class HttpsAgent extends http.Agent {
  /** As in `node:https`: `node:http` refuses requests for another protocol. */
  readonly protocol = "https:";
  /** As in `node:https`. */
  readonly defaultPort = 443;
  readonly #context: SecureContext;
  readonly #prepared: ClientContextOptions;
  readonly #contexts: RequestContexts;
  /** The context is also for others. */
  readonly #isShared: boolean;
  readonly #sessions: SessionCache;
  readonly #sockets = new Set<TlsSocket>();
  readonly #contextOf = new WeakMap<TlsSocket, SecureContext>();
  readonly #judged = new WeakMap<TlsSocket, Judged>();
  readonly #began = new WeakMap<TlsSocket, number>();
  readonly #maxAge: number;
  readonly #whenExpired: "end" | "keep";

  /** @throws RangeError, TypeError or TlsError `misuse` for options that cannot work */
  constructor(options: HttpsAgentOptions = {}) {
    check.checkOptions("HttpsAgent", options, agentTable);
    refuseSynonyms(options);
    super(options);
    const isShared = options.secureContext !== undefined;
    const servers = options.maxCachedSessions ?? 100;
    const memory =
      isShared || servers === 0 ? {} : { history: new MemoryHistory({ capacity: servers }) };
    const given = { ...memory, ...speakingHttp(select(options, connectTable)) };
    this.#prepared = select(given, preparedTable);
    this.#context =
      beside(options.secureContext, this.#prepared) ??
      createSecureContext(select(given, clientContextTable));
    this.#contexts = new RequestContexts(this.#prepared);
    this.#isShared = isShared;
    this.#sessions = new SessionCache(servers);
    this.#maxAge = options.maxConnectionAge ?? Infinity;
    this.#whenExpired = options.whenExpired ?? "end";
  }

  /**
   * Replaces options of the engine in one step, as {@link SecureContext.update}: for new connections, and for
   * those of the pool before they are used again.
   * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work; the old ones stay
   */
  update(changes: Partial<ClientContextOptions>): void {
    this.#context.update(changes);
    this.#contexts.update(changes);
  }

  /**
   * Judges the servers of all connections again, in use or not, as {@link TlsSocket.judgeAgain} does.
   * @returns the connections that were ended
   */
  async judgeAgain(options: JudgeAgainOptions = {}): Promise<readonly TlsSocket[]> {
    return judgeAll(this.#sockets, options);
  }

  /** @internal Called by `node:http` for every request. */
  addRequest(
    request: http.ClientRequest,
    options: http.ClientRequestArgs,
    ...more: unknown[]
  ): void {
    failWithItsSocket(request);
    const all = { ...options, ...(this as { readonly options?: object }).options };
    // What a request says wrongly is thrown where it is made
    this.#contextFor(all);
    const add = (): void => {
      const { addRequest } = http.Agent.prototype as unknown as {
        addRequest(...all: unknown[]): void;
      };
      Reflect.apply(addRequest, this, [request, options, ...more]);
    };
    // The server's name, which ends theirs, is not known before a header is looked at
    const place = super.getName(all);
    const free = Object.entries(this.freeSockets).flatMap(([name, sockets]) =>
      name.startsWith(place) ? ((sockets ?? []) as unknown as TlsSocket[]) : [],
    );
    const unsure = free.filter((socket) => !this.#isGood(socket));
    if (unsure.length === 0) return add();
    void Promise.all(unsure.map((socket) => this.#judge(socket))).then(add);
  }

  /** A connection that is too old is not kept. */
  override keepSocketAlive(socket: Duplex): boolean {
    const began = this.#began.get(socket as TlsSocket) ?? -Infinity;
    const isKept = super.keepSocketAlive(socket) as unknown as boolean;
    return isKept && performance.now() - began < this.#maxAge;
  }

  /** Whether a connection of the pool was judged on the same grounds just now, and is young enough. */
  #isGood(socket: TlsSocket): boolean {
    const now = performance.now();
    if (now - (this.#began.get(socket) ?? -Infinity) >= this.#maxAge) return false;
    const judged = this.#judged.get(socket);
    const grounds = this.#contextOf.get(socket)?.grounds();
    if (judged === undefined || grounds === undefined || now - judged.at > verdictHolds)
      return false;
    return (
      judged.grounds.length === grounds.length &&
      judged.grounds.every((ground, index) => ground === grounds[index])
    );
  }

  /** The agent's, or that of a request that says more. @throws RangeError, TypeError or TlsError `misuse` */
  #contextFor(options: object): SecureContext {
    const said = this.#saidBy(options);
    if (Object.keys(said).length === 0) return this.#context;
    return this.#isShared ? beside(this.#context, said)! : this.#contexts.get(said);
  }

  async #judge(socket: TlsSocket): Promise<void> {
    const now = performance.now();
    const context = this.#contextOf.get(socket) ?? this.#context;
    const grounds = context.grounds();
    const isYoung =
      !this.#contexts.isForgotten(context) &&
      now - (this.#began.get(socket) ?? -Infinity) < this.#maxAge;
    const how = { whenExpired: this.#whenExpired };
    if (!isYoung || !(await socket.judgeAgain(how))) {
      socket.destroy();
      // It would be found there until its end is heard of
      for (const free of Object.values(this.freeSockets)) {
        const at = free?.indexOf(socket as never) ?? -1;
        if (at >= 0) free?.splice(at, 1);
      }
    } else if (grounds !== undefined) this.#judged.set(socket, { grounds, at: now });
  }

  /**
   * Resumes a session of the same server, if there is one, as the agent of `node:https` does. What a request says of `ca`,
   * `cert`, `key`, `rejectUnauthorized` and their like counts for it, where the agent does not say it.
   * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work
   */
  override createConnection(options: ConnectOptions): TlsSocket {
    const own = select(options, connectionTable);
    const context = this.#contextFor(options);
    const name = this.getName(options);
    const session = own.session ?? this.#sessions.take(name);
    const socket = connect({ ...own, ...(session && { session }), secureContext: context });
    this.#contextOf.set(socket, context);
    this.#sockets.add(socket);
    this.#began.set(socket, performance.now());
    socket.once("close", () => this.#sockets.delete(socket));
    return socket.on("session", (later: OfferedPsk) => this.#sessions.put(name, later));
  }

  /** What a request says of what a context holds, and the agent does not say. */
  #saidBy(options: object): Said {
    const own = Object.entries(select(options, requestTable)).filter(
      ([name]) =>
        !Object.hasOwn(this.#prepared, name) && !(this.#isShared && name === "secureContext"),
    );
    return Object.fromEntries(own);
  }

  /** Connections for another server name, or by other options, are not shared. */
  override getName(
    options: http.ClientRequestArgs & { readonly servername?: string } = {},
  ): string {
    const said = this.#saidBy(options);
    const own = Object.keys(said).length === 0 ? "" : `:${nameOf(said)}`;
    return `${super.getName(options)}:${options.servername ?? ""}${own}`;
  }
}
