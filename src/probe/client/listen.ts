/**
 * The probe of clients: a server that reads what each offers, and puts it to one experiment a connection. Who comes is
 * told apart by address and suites, so that a client goes through all of them by coming again; a browser's page does so
 * by itself.
 *
 * Theory of operation. A connection is read until its ClientHello is whole, and what was read is put back, so that the
 * engine reads it again as a server that was made for this experiment. The outcome is that of the handshake. What is
 * served over it does not matter to it: a page, and the visitor's report.
 */
import { createServer, type Server, type Socket } from "node:net";
import * as http from "node:http";
import type { Duplex } from "node:stream";
import { createServerConnection, type ServerOptions } from "../../connection/index.ts";
import type { Provider } from "../../crypto/index.ts";
import type { Credential } from "../../identity/index.ts";
import { MessageCutter, RecordCutter } from "../../lab/trace/cutters.ts";
import * as check from "../../registry/check.ts";
import { ContentType } from "../../registry/index.ts";
import { rotatingTickets, TlsSocket } from "../../transport/node/index.ts";
import { type ClientExperiment, type ExperimentFact, experimentsFor } from "./experiments.ts";
import { type ClientFacts, clientFacts } from "./hello-facts.ts";
import { clientPage, policy } from "./page.ts";

/** What a client's connection has shown. */
export interface ClientVisit {
  /** The client's address. */
  readonly remote: string;
  /** What its ClientHello says. */
  readonly hello: ClientFacts;
  /** Pieces in which the ClientHello came. */
  readonly pieces: number;
  /** What came of the experiment. */
  readonly result: ExperimentFact;
  /** Experiments that are still to come for this client. */
  readonly left: number;
}

/** All that is known of a client. */
export interface ClientReport {
  /** What its last ClientHello said. */
  readonly hello: ClientFacts;
  /** What came of the experiments so far. */
  readonly results: readonly ExperimentFact[];
  /** Experiments that are still to come. */
  readonly left: number;
}

/** Who is served as, and who is told. */
export interface ClientProbeOptions {
  /** The cryptography of the server. */
  readonly provider: Provider;
  /** What the server presents. */
  readonly credentials: readonly Credential[];
  /** Told of each connection. */
  readonly onVisit?: ((visit: ClientVisit) => void) | undefined;
  /** Told of what is not a ClientHello, in a few words. */
  readonly onStranger?: ((remote: string, reason: string) => void) | undefined;
}

const checkListen = check.complete(
  {
    provider: check.like("a provider, such as noble", "kems", "hashes"),
    credentials: check.listOf(check.like("a credential", "chain"), 1),
    onVisit: check.callable,
    onStranger: check.callable,
  } satisfies check.OptionTable<ClientProbeOptions>,
  "write { provider, credentials }",
  ["provider", "credentials"],
);

/** Bytes of a ClientHello, milliseconds for it and of silence after it, and clients that are remembered. */
const limits = { bytes: 64 * 1024, patience: 10_000, idle: 30_000, visitors: 1000 } as const;

interface Visitor {
  hello: ClientFacts;
  readonly experiments: readonly ClientExperiment[];
  /** Of those that were begun. */
  next: number;
  readonly results: ExperimentFact[];
}

/**
 * A server that probes its clients; call `listen` on it.
 * @throws TypeError for options that cannot be
 */
export function createClientProbe(options: ClientProbeOptions): Server {
  checkListen(options, "createClientProbe");
  const { provider, credentials, onVisit, onStranger } = options;
  const tickets = rotatingTickets(provider);
  const visitors = new Map<string, Visitor>();
  const visits = new WeakMap<Duplex, Visitor>();
  const site = http.createServer((request, response) => {
    const visitor = visits.get(request.socket);
    if (visitor === undefined) response.destroy();
    else answer(request, response, reportOf(visitor));
  });
  // Node times the requests of servers that listen, which this one does not
  site.setTimeout(limits.idle);

  return createServer({ allowHalfOpen: true, noDelay: true }, (transport) => {
    const remote = transport.remoteAddress ?? "";
    readHello(transport, (raw, pieces) => {
      let hello: ClientFacts;
      try {
        hello = clientFacts(raw);
      } catch (error) {
        onStranger?.(remote, (error as Error).message);
        transport.destroy();
        return;
      }
      const visitor = visitorOf(visitors, remote, hello);
      const experiment = visitor.experiments[visitor.next] ?? visitor.experiments[0]!;
      const isNew = visitor.next < visitor.experiments.length;
      if (isNew) visitor.next++;
      serve(transport, experiment, (socket, error) => {
        const result = resultOf(experiment, hello, socket, error);
        if (isNew) visitor.results.push(result);
        const left = visitor.experiments.length - visitor.next;
        onVisit?.({ remote, hello, pieces, result, left });
        if (error !== undefined) return;
        visits.set(socket, visitor);
        site.emit("connection", socket);
      });
    }).catch((error: unknown) => {
      onStranger?.(remote, (error as Error).message);
      transport.destroy();
    });
  });

  function serve(
    transport: Socket,
    experiment: ClientExperiment,
    over: (socket: TlsSocket, error: Error | undefined) => void,
  ): void {
    const tls: ServerOptions = {
      provider,
      credentials,
      alpn: ["http/1.1"],
      ...(experiment.tickets ? { tickets } : {}),
      ...experiment.options,
    };
    const socket = new TlsSocket(transport, {
      createConnection: (wiring) => createServerConnection({ ...tls, ...wiring }),
    });
    const failed = (error: Error): void => over(socket, error);
    socket.once("error", failed);
    socket.once("secure", () => {
      socket.off("error", failed);
      socket.on("error", () => {});
      over(socket, undefined);
    });
    // The socket under it was paused when the hello was whole
    setImmediate(() => transport.resume());
  }
}

function resultOf(
  { name, conclude }: ClientExperiment,
  hello: ClientFacts,
  { negotiated }: TlsSocket,
  error: Error | undefined,
): ExperimentFact {
  if (negotiated !== undefined && error === undefined) {
    return { name, passed: true, outcome: conclude(negotiated, hello) };
  }
  return { name, passed: false, outcome: error?.message ?? "it left" };
}

const reportOf = ({ hello, results, experiments, next }: Visitor): ClientReport => ({
  hello,
  results,
  left: experiments.length - next,
});

/** By address and suites: what else a hello has may differ from one connection to the next. */
function visitorOf(visitors: Map<string, Visitor>, remote: string, hello: ClientFacts): Visitor {
  const key = `${remote} ${hello.ja4.split("_")[1]}`;
  const known = visitors.get(key);
  if (known !== undefined) return known;
  const visitor = { hello, experiments: experimentsFor(hello), next: 0, results: [] };
  visitors.set(key, visitor);
  if (visitors.size > limits.visitors) visitors.delete(visitors.keys().next().value!);
  return visitor;
}

/** Reads until a ClientHello is whole, and puts everything back, unread and paused. */
async function readHello(
  transport: Socket,
  found: (raw: Uint8Array, pieces: number) => void,
): Promise<void> {
  const records = new RecordCutter();
  const messages = new MessageCutter();
  const read: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    let size = 0;
    const timer = setTimeout(() => done("no ClientHello in time"), limits.patience);
    const done = (problem?: string): void => {
      clearTimeout(timer);
      transport.off("data", take);
      transport.off("close", left);
      transport.off("end", left);
      if (problem === undefined) resolve();
      else reject(new Error(problem));
    };
    const left = (): void => done("it left before its ClientHello was whole");
    const take = (bytes: Buffer): void => {
      read.push(bytes);
      size += bytes.length;
      for (const raw of records.push(bytes)) {
        if (raw[0] !== ContentType.handshake) return done("its first record is not a ClientHello");
        const [hello] = messages.push(raw.subarray(5)) ?? [];
        if (hello === undefined) continue;
        transport.pause();
        done();
        transport.unshift(Buffer.concat(read));
        found(hello, read.length);
        return;
      }
      if (size > limits.bytes) done("its ClientHello is too long");
    };
    transport.on("error", () => {});
    transport.on("data", take);
    transport.once("close", left);
    transport.once("end", left);
  });
}

function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  report: ClientReport,
): void {
  // Each request of a page is a connection of its own, and so an experiment
  response.setHeader("connection", "close");
  response.setHeader("cache-control", "no-store");
  response.setHeader("content-security-policy", policy);
  const send = (status: number, type: string, body: string): void => {
    response.writeHead(status, { "content-type": `${type}; charset=utf-8` });
    response.end(body);
  };
  if (request.method !== "GET" && request.method !== "HEAD") {
    send(405, "text/plain", "Only GET here.\n");
  } else if (request.url === "/") {
    send(200, "text/html", clientPage());
  } else if (request.url === "/report.json") {
    send(200, "application/json", `${JSON.stringify(report, undefined, 2)}\n`);
  } else {
    send(404, "text/plain", "There is /, and /report.json.\n");
  }
}
