import * as http from "node:http";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import {
  type Ledger,
  ledgerOf,
  negotiatedFacts,
  type NegotiatedFacts,
  type Sent,
  watchHandshake,
} from "../lab.ts";
import { prepareServer, type ServerOptions } from "../index.ts";
import { TlsSocket } from "../node.ts";
import type { CapturedSocket } from "./capture.ts";
import { page } from "./page.ts";

/** What is known of a connection when its handshake is over. */
export interface Visit {
  readonly remote: string;
  readonly negotiated: NegotiatedFacts;
  readonly ledger: Ledger;
}

export interface SiteOptions {
  readonly tls: ServerOptions;
  /** Watches the bytes of a connection. */
  watch?(transport: net.Socket): CapturedSocket;
  /** Answers for what is below `/docs/`. Absent: nothing is there. */
  readonly docs?: http.RequestListener;
  onVisit(visit: Visit): void;
  onRefused(error: Error, remote: string): void;
}

export interface Site {
  readonly server: net.Server;
  /** Says close_notify to everybody and listens no more. */
  close(): void;
}

/** Milliseconds for which a visitor may be silent. */
const idle = 30_000;

/** Below which the documentation stands. */
export const docsPath = "/docs/";

/**
 * An HTTPS site that tells each visitor what was negotiated. Every connection has an observer of its
 * own, so it is put together from its parts: TCP, our stream over it, and `node:http` over that.
 */
export function createSite({ tls, watch, docs, onVisit, onRefused }: SiteOptions): Site {
  const visits = new WeakMap<Duplex, Visit & { requests: number }>();
  const sockets = new Set<TlsSocket>();
  const createConnection = prepareServer(tls);
  const site = http.createServer((request, response) => {
    const visit = visits.get(request.socket);
    if (visit === undefined) response.destroy();
    else if (docs !== undefined && request.url?.startsWith(docsPath)) docs(request, response);
    else answer(request, response, { ...visit, request: ++visit.requests });
  });
  // Node times the requests of servers that listen, which this one does not
  site.setTimeout(idle);
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (transport) => {
    const sent: Sent[] = [];
    const remote = transport.remoteAddress ?? "";
    const socket = new TlsSocket(transport, {
      createConnection: (wiring) =>
        createConnection({
          ...wiring,
          observer: watchHandshake("server", sent),
          ...(watch !== undefined && {
            keyLog(line: string) {
              tls.keyLog?.(line);
              captured?.keyLog(line);
            },
          }),
        }),
    });
    // Behind the engine's own listeners, which begin with the next turn
    const captured = watch?.(transport);
    const refused = (error: Error): void => onRefused(error, remote);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.once("error", refused);
    socket.once("secure", () => {
      captured?.settled();
      const { negotiated } = socket;
      if (negotiated === undefined) return;
      const ledger = ledgerOf({ sent, negotiated });
      const visit = { remote, ledger, negotiated: negotiatedFacts(negotiated), requests: 0 };
      visits.set(socket, visit);
      socket.off("error", refused);
      onVisit(visit);
      site.emit("connection", socket);
    });
  });
  return {
    server,
    close() {
      server.close();
      for (const socket of sockets) {
        // One that is still shaking hands has nothing to wait for
        if (socket.negotiated === undefined) socket.destroy();
        else socket.destroySoon();
      }
    },
  };
}

function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  visit: Visit & { readonly request: number },
): void {
  const pathname = pathOf(request);
  response.setHeader("cache-control", "no-store");
  if (pathname === "/echo" && request.method === "POST") {
    response.setHeader("content-type", "text/plain; charset=utf-8");
    request.pipe(response);
  } else if (pathname === undefined) {
    send(response, 400, "text/plain", "That is not a path.\n");
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    send(response, 405, "text/plain", "Only GET here; POST to /echo is answered with its body.\n");
  } else if (pathname === "/") {
    send(response, 200, "text/html", page(visit));
  } else if (pathname === "/negotiated.json") {
    const { negotiated, ledger } = visit;
    const text = JSON.stringify({ ...ledger, negotiated }, undefined, 2);
    send(response, 200, "application/json", `${text}\n`);
  } else {
    send(response, 404, "text/plain", "There is /, /negotiated.json, and POST /echo.\n");
  }
}

/** `undefined` for a target that is not a URL: `//`. */
function pathOf({ url = "/" }: http.IncomingMessage): string | undefined {
  try {
    return new URL(url, "https://localhost").pathname;
  } catch {
    return undefined;
  }
}

function send(response: http.ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": `${type}; charset=utf-8` });
  response.end(body);
}
