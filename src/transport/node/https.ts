import * as http from "node:http";
import type { OfferedPsk } from "../../handshake/index.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import { createSecureContext, type SecureContext } from "./context.ts";
import { SessionCache } from "./sessions.ts";
import { TlsServer, type TlsServerOptions } from "./server.ts";
import type { TlsSocket } from "./socket.ts";

/**
 * An HTTP server over ours: a plain `http.Server` in all respects, whose connections go through a
 * {@link TlsServer} first. `tlsClientError` and `secureConnection` are emitted on it too.
 */
export function createHttpsServer(
  options: TlsServerOptions & http.ServerOptions,
  listener?: http.RequestListener,
): http.Server {
  const server = http.createServer(options, listener);
  const secured = server.listeners("connection");
  const tls = new TlsServer(options, (socket) => {
    server.emit("secureConnection", socket);
    for (const serve of secured) Reflect.apply(serve, server, [socket]);
  });
  tls.on("tlsClientError", (...values) => server.emit("tlsClientError", ...values));
  server.removeAllListeners("connection");
  return server.on("connection", (transport) => tls.emit("connection", transport));
}

/** An agent for `http.get`, `https.get` and their like whose connections are ours. */
export class HttpsAgent extends http.Agent {
  readonly protocol = "https:";
  readonly defaultPort = 443;
  readonly #context: SecureContext;
  readonly #sessions = new SessionCache(100);

  /** @throws RangeError, TypeError or TlsError `misuse` for options that cannot work */
  constructor(options: ConnectOptions & http.AgentOptions = {}) {
    super(options);
    this.#context = options.secureContext ?? createSecureContext(options);
  }

  /** Resumes a session of the same server, if there is one, as the agent of `node:https` does. */
  override createConnection(options: ConnectOptions): TlsSocket {
    const name = this.getName(options);
    const session = options.session ?? this.#sessions.take(name);
    const socket = connect({ ...options, session, secureContext: this.#context });
    return socket.on("session", (later: OfferedPsk) => this.#sessions.put(name, later));
  }

  /** Connections for another server name are not shared. */
  override getName(
    options: http.ClientRequestArgs & { readonly servername?: string } = {},
  ): string {
    return `${super.getName(options)}:${options.servername ?? ""}`;
  }
}
