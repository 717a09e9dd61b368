import * as http from "node:http";
import type { Duplex } from "node:stream";
import { MemoryHistory } from "../../detection/index.ts";
import type { OfferedPsk } from "../../handshake/index.ts";
import * as check from "../../registry/check.ts";
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
  speakingHttp,
} from "./context-options.ts";
import { createSecureContext, type SecureContext } from "./context.ts";
import { judgeAll } from "./judge-all.ts";
import { nameOf, RequestContexts, type Said } from "./request-contexts.ts";
import { SessionCache } from "./sessions.ts";
import { beside, select } from "./socket-options.ts";
import type { TlsSocket } from "./socket.ts";
import type { JudgeAgainOptions } from "./wiring.ts";

/** Of later versions of Node than the oldest that we run on. */
const laterAgent = {
  agentKeepAliveTimeoutBuffer: check.number(0, Infinity, " milliseconds"),
  proxyEnv: check.refused("a proxy is not spoken to"),
  defaultPort: check.whole(0, 65_535),
  protocol: check.oneOf("https:"),
};

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
