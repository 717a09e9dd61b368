import * as http2 from "node:http2";
import * as check from "../../registry/check.ts";
import type { Negotiated } from "../../handshake/index.ts";
import type { ServerContextOptions } from "./context-options.ts";
import { refusedOfServer, refuseMethods } from "./node-members.ts";
import { tellAsWell } from "./behind.ts";
import { TlsServer, type TlsServerOptions, tlsServerTable } from "./server.ts";
import { select } from "./socket-options.ts";
import type { TlsSocket } from "./socket.ts";

/** The options of `http2.createServer` and of a TLS server. */
export interface Http2ServerOptions extends TlsServerOptions, http2.ServerOptions {}

const anything: check.Check = () => {};

const http2Table = {
  maxDeflateDynamicTableSize: check.whole(),
  maxSettings: check.whole(),
  maxSessionMemory: check.number(0, Infinity, " megabytes"),
  maxHeaderListPairs: check.whole(),
  maxOutstandingPings: check.whole(),
  maxSendHeaderBlockLength: check.whole(),
  maxReservedRemoteStreams: check.whole(),
  maxSessionInvalidFrames: check.whole(),
  maxSessionRejectedStreams: check.whole(),
  paddingStrategy: check.whole(),
  peerMaxConcurrentStreams: check.whole(),
  settings: check.like("settings of HTTP/2"),
  remoteCustomSettings: check.listOf(check.whole()),
  unknownProtocolTimeout: check.number(0, Infinity, " milliseconds"),
  selectPadding: check.callable,
  Http1IncomingMessage: anything,
  Http1ServerResponse: anything,
  Http2ServerRequest: check.callable,
  Http2ServerResponse: check.callable,
  createConnection: check.refused("give a stream by emitting `connection`"),
  allowHTTP1: check.refused("serve HTTP/1.1 by createHttpsServer()"),
  origins: check.refused("call session.origin()"),
};

const http2ServerTable = { ...tlsServerTable, ...http2Table };

/** A server of `node:http2`, and what a {@link TlsServer} has beside it. */
export interface Http2Server extends http2.Http2Server {
  /** Connections whose handshake is not over. */
  readonly pendingHandshakes: number;
  /** As {@link TlsServer.update}. */
  update(changes: Partial<ServerContextOptions>): void;
  /** As {@link TlsServer.setSecureContext}. */
  setSecureContext(changes: Partial<ServerContextOptions>): void;
  /** As {@link TlsServer.addContext}. */
  addContext(...given: Parameters<TlsServer["addContext"]>): void;
}

/** A session of such a server: `encrypted` is true, and `negotiated` says what its connection came to. */
export interface NegotiatedSession extends http2.ServerHttp2Session {
  /** What the handshake of its connection came to. */
  readonly negotiated: Negotiated;
}

/**
 * Makes a server of `node:http2` whose connections are ours, as `http2.createSecureServer` does: by ALPN it takes `h2` and
 * nothing else. A {@link NegotiatedSession} comes with `session`; the events of a {@link TlsServer} are emitted too.
 * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work
 */
export function createHttp2Server(
  options: Http2ServerOptions,
  listener?: (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void,
): Http2Server {
  check.checkOptions("createHttp2Server", options, http2ServerTable);
  const server = http2.createServer(select(options, http2Table), listener);
  /** Node makes its session at once, and hides our socket behind one of its own. */
  let served: TlsSocket | undefined;
  const serve = server.listeners("connection");
  const tls = new TlsServer(
    {
      ...(options.secureContext === undefined && { alpn: ["h2"] }),
      ...select(options, tlsServerTable),
    },
    (socket: TlsSocket) => {
      served = socket;
      server.emit("secureConnection", socket);
      for (const each of serve) Reflect.apply(each, server, [socket]);
    },
  );
  tellAsWell(server, tls, "Http2Server");
  server.removeAllListeners("connection");
  server.on("connection", (transport) => tls.emit("connection", transport));
  server.prependListener("session", (session) => {
    Object.defineProperty(session, "negotiated", { value: served?.negotiated, enumerable: true });
    // Node looks for a socket of its own kind
    Object.defineProperty(session, "encrypted", { value: true, enumerable: true });
  });
  Object.defineProperty(server, "pendingHandshakes", { get: () => tls.pendingHandshakes });
  refuseMethods(server, "Http2Server", refusedOfServer);
  return Object.assign(server, {
    update: (changes: Partial<ServerContextOptions>) => tls.update(changes),
    setSecureContext: (changes: Partial<ServerContextOptions>) => tls.setSecureContext(changes),
    addContext: (...given: Parameters<TlsServer["addContext"]>) => tls.addContext(...given),
  }) as unknown as Http2Server;
}
