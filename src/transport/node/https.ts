import * as http from "node:http";
import { connect, type ConnectOptions } from "./connect.ts";
import { createSecureContext, type SecureContext } from "./context.ts";
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

  /** @throws RangeError, TypeError or TlsError `misuse` for options that cannot work */
  constructor(options: ConnectOptions & http.AgentOptions = {}) {
    super(options);
    this.#context = options.secureContext ?? createSecureContext(options);
  }

  override createConnection(options: ConnectOptions): TlsSocket {
    return connect({ ...options, secureContext: this.#context });
  }

  /** Connections for another server name are not shared. */
  override getName(
    options: http.ClientRequestArgs & { readonly servername?: string } = {},
  ): string {
    return `${super.getName(options)}:${options.servername ?? ""}`;
  }
}
