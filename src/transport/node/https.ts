import * as http from "node:http";
import * as net from "node:net";
import type { OfferedPsk } from "../../handshake/index.ts";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import {
  connect,
  connectionTable,
  type ConnectOptions,
  connectTable,
  contextFor,
  preparedTable,
} from "./connect.ts";
import { refuseSynonyms } from "./context-options.ts";
import type { SecureContext } from "./context.ts";
import { SessionCache } from "./sessions.ts";
import { TlsServer, type TlsServerOptions, tlsServerTable } from "./server.ts";
import { select } from "./socket-options.ts";
import type { TlsSocket } from "./socket.ts";

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

/**
 * An HTTP server over ours: a plain `http.Server` in all respects, whose connections go through a
 * {@link TlsServer} first. `tlsClientError` and `secureConnection` are emitted on it too. It needs an
 * `http.Server` that serves any stream: Node's and Deno's do, Bun's does not.
 * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work, and on Bun
 */
export function createHttpsServer(
  options: TlsServerOptions & http.ServerOptions,
  listener?: http.RequestListener,
): http.Server {
  check.checkOptions("createHttpsServer", options, { ...tlsServerTable, ...httpServerTable });
  const server = http.createServer(select(options, httpServerTable), listener);
  // Bun's opens a port of its own, and would speak on it without any TLS of ours
  if (!(server instanceof net.Server)) {
    throw new TlsError(
      "misuse",
      "createHttpsServer: the http.Server of this runtime is no net.Server",
      {
        expected: "Node or Deno, or createServer and an HTTP parser of your own",
      },
    );
  }
  const secured = server.listeners("connection");
  const tls = new TlsServer(select(options, tlsServerTable), (socket) => {
    server.emit("secureConnection", socket);
    for (const serve of secured) Reflect.apply(serve, server, [socket]);
  });
  tls.on("tlsClientError", (...values) => server.emit("tlsClientError", ...values));
  server.removeAllListeners("connection");
  return server.on("connection", (transport) => tls.emit("connection", transport));
}

export interface HttpsAgentOptions
  extends ConnectOptions, Omit<http.AgentOptions, keyof ConnectOptions | "onread"> {
  /** Servers whose sessions are kept, to be resumed; 0 for none. Default: 100. */
  readonly maxCachedSessions?: number;
}

const agentTable = {
  ...connectTable,
  keepAliveMsecs: check.number(0, Infinity, " milliseconds"),
  maxSockets: check.limit,
  maxTotalSockets: check.limit,
  maxFreeSockets: check.limit,
  scheduling: check.oneOf("fifo", "lifo"),
  maxCachedSessions: check.whole(0),
  ...laterAgent,
} satisfies check.OptionTable<HttpsAgentOptions>;

/** An agent for `http.get`, `https.get` and their like whose connections are ours. */
export class HttpsAgent extends http.Agent {
  readonly protocol = "https:";
  readonly defaultPort = 443;
  readonly #context: SecureContext;
  readonly #prepared: object;
  readonly #sessions: SessionCache;

  /** @throws RangeError, TypeError or TlsError `misuse` for options that cannot work */
  constructor(options: HttpsAgentOptions = {}) {
    check.checkOptions("HttpsAgent", options, agentTable);
    refuseSynonyms(options);
    super(options);
    this.#context = contextFor(options);
    this.#prepared = select(options, preparedTable);
    this.#sessions = new SessionCache(options.maxCachedSessions ?? 100);
  }

  /**
   * Resumes a session of the same server, if there is one, as the agent of `node:https` does.
   * @throws TypeError for an option of one request that only a context can have
   */
  override createConnection(options: ConnectOptions): TlsSocket {
    const own = select(options, connectionTable);
    const alien = Object.keys(select(options, preparedTable)).find(
      (name) => !Object.hasOwn(this.#prepared, name),
    );
    if (alien !== undefined) {
      throw new TypeError(
        `${alien} is the same for all requests of an agent; give it to HttpsAgent`,
      );
    }
    const name = this.getName(options);
    const session = own.session ?? this.#sessions.take(name);
    const socket = connect({ ...own, ...(session && { session }), secureContext: this.#context });
    return socket.on("session", (later: OfferedPsk) => this.#sessions.put(name, later));
  }

  /** Connections for another server name are not shared. */
  override getName(
    options: http.ClientRequestArgs & { readonly servername?: string } = {},
  ): string {
    return `${super.getName(options)}:${options.servername ?? ""}`;
  }
}
