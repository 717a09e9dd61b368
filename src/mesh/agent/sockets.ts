/** All sockets of an agent in one place, in both roles, so that what is learnt reaches every one of them. */
import type { EventEmitter } from "node:events";
import type { RequestListener } from "node:http";
import type { VerifyPeer } from "../../handshake/index.ts";
import { spiffeIdOf } from "../../identity/index.ts";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import { connectTable } from "../../transport/node/connect.ts";
import { clientContextTable, serverContextTable } from "../../transport/node/context-options.ts";
import { agentTable } from "../../transport/node/https-agent.ts";
import { httpsServerTable } from "../../transport/node/https-server.ts";
import { tlsServerTable } from "../../transport/node/server.ts";
import {
  type ClientContextOptions,
  connect,
  type ConnectOptions,
  createHttpsServer,
  createSecureContext,
  createServer,
  HttpsAgent,
  type HttpsAgentOptions,
  type HttpsServer,
  type HttpsServerOptions,
  type JudgeAgainOptions,
  type SecureContext,
  type ServerContextOptions,
  type TlsServer,
  type TlsServerOptions,
  type TlsSocket,
} from "../../transport/node/index.ts";

/** What an agent says in every connection. */
export interface Terms {
  readonly client: ClientContextOptions & { readonly verifyServer: VerifyPeer };
  readonly server: ServerContextOptions;
}

/** What it can come to say otherwise, in both roles. */
export type SharedTerms = Partial<
  Pick<ClientContextOptions & ServerContextOptions, "credentials" | "policy" | "authorize">
>;

/** What is the mesh's to say is not the caller's. */
type Owned =
  | keyof ClientContextOptions
  | keyof ServerContextOptions
  | "secureContext"
  | "checkServerIdentity";

/** As `TlsServerOptions`, without what the mesh says. */
export type MeshServerOptions = Omit<TlsServerOptions, Owned> & Pick<ServerContextOptions, "alpn">;
/** As `HttpsServerOptions`, without what the mesh says. `keepAliveTimeout` is 600 000 by default. */
export type MeshHttpsServerOptions = Omit<HttpsServerOptions, Owned>;

/** Whom one wants to speak to. */
export interface ToOption {
  /**
   * The SPIFFE ID that the server must have. Default: any that the rules let us call; whoever is one of these can then
   * stand in for another at its address.
   */
  readonly to?: string;
}
/** As `ConnectOptions`, without what the mesh says. */
export type MeshConnectOptions = Omit<ConnectOptions, Owned | "servername"> &
  Pick<ClientContextOptions, "alpn"> &
  ToOption;
/** As `HttpsAgentOptions`, without what the mesh says. */
export type MeshAgentOptions = Omit<HttpsAgentOptions, Owned | "servername" | "whenExpired"> &
  ToOption;

/** What the type leaves out is refused, and not replaced by what the mesh says without a word. */
const ownedOf = (context: Checks, table: Checks): Checks =>
  Object.fromEntries(
    // Some that a context refuses are the socket's: `port`
    [...Object.keys(context).filter((name) => table[name] === context[name]), "secureContext"].map(
      (name) => [name, check.refused("the mesh says it for every connection")],
    ),
  );
type Checks = Readonly<Record<string, check.Check>>;
const servername = { servername: check.refused("whom an agent calls, `to` says") };
const judging = { whenExpired: check.refused("the mesh says when a connection ends") };

const serverOptions = {
  ...tlsServerTable,
  ...ownedOf(serverContextTable, tlsServerTable),
  alpn: tlsServerTable.alpn,
} satisfies check.OptionTable<MeshServerOptions>;
const httpsServerOptions = {
  ...httpsServerTable,
  ...ownedOf(serverContextTable, httpsServerTable),
} satisfies check.OptionTable<MeshHttpsServerOptions>;
const connectOptions = {
  ...connectTable,
  ...ownedOf(clientContextTable, connectTable),
  ...servername,
  alpn: connectTable.alpn,
  to: check.text,
} satisfies check.OptionTable<MeshConnectOptions>;
const agentOptions = {
  ...agentTable,
  ...ownedOf(clientContextTable, agentTable),
  ...servername,
  ...judging,
  to: check.text,
} satisfies check.OptionTable<MeshAgentOptions>;

interface Judged {
  judgeAgain(options: JudgeAgainOptions): Promise<readonly TlsSocket[]>;
}
interface Updated {
  update(changes: SharedTerms): void;
}

/** Connections outlive a certificate that merely ended: it was renewed since, and what was revoked is on the list. */
const whenExpired = "keep";

/** Milliseconds, where the caller says no other: lists tell of certificates that ended two hours ago, and no longer. */
const maxConnectionAge = 3_600_000;

/** Milliseconds, likewise: agents that call now and then keep their connections, and need no authority for that. */
const keepAliveTimeout = 600_000;

export class Sockets {
  #terms: Terms;
  readonly #servers = new Set<TlsServer | HttpsServer>();
  readonly #agents = new Set<HttpsAgent>();
  readonly #connected = new Set<TlsSocket>();
  /** How servers with an ID, or any, are called. */
  readonly #contexts = new Map<string | undefined, SecureContext<ClientContextOptions>>();

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  server(options: MeshServerOptions, listener?: (socket: TlsSocket) => void): TlsServer {
    check.checkOptions("Mesh.createServer", options, serverOptions);
    return this.#kept(
      createServer({ maxConnectionAge, ...options, ...this.#terms.server }, listener),
    );
  }

  httpsServer(options: MeshHttpsServerOptions, listener?: RequestListener): HttpsServer {
    check.checkOptions("Mesh.httpsServer", options, httpsServerOptions);
    const all = { maxConnectionAge, keepAliveTimeout, ...options, ...this.#terms.server };
    return this.#kept(createHttpsServer(all, listener));
  }

  agent(given: MeshAgentOptions): HttpsAgent {
    check.checkOptions("Mesh.agent", given, agentOptions);
    const { to, ...options } = given;
    const secureContext = this.#context(to);
    const how: HttpsAgentOptions = {
      keepAlive: true,
      maxConnectionAge,
      ...options,
      whenExpired,
      secureContext,
    };
    const agent = new HttpsAgent(how);
    this.#agents.add(agent);
    return agent;
  }

  connect(given: MeshConnectOptions): TlsSocket {
    check.checkOptions("Mesh.connect", given, connectOptions);
    const { to, alpn, ...options } = given;
    const how =
      alpn === undefined ? { secureContext: this.#context(to) } : { ...this.#client(to), alpn };
    const socket = connect({ ...options, ...how });
    this.#connected.add(socket);
    return socket.once("close", () => this.#connected.delete(socket));
  }

  /** For connections that begin from now on. */
  update(changes: SharedTerms): void {
    const all: Iterable<Updated> = [...this.#servers, ...this.#contexts.values()];
    for (const each of all) each.update(changes);
    const { client, server } = this.#terms;
    this.#terms = { client: { ...client, ...changes }, server: { ...server, ...changes } };
  }

  /** Ends connections with peers that would not be accepted any more. @returns those */
  async judge(): Promise<readonly TlsSocket[]> {
    const all: readonly Judged[] = [...this.#servers, ...this.#agents];
    const ended = await Promise.all(all.map((each) => each.judgeAgain({ whenExpired })));
    const connected = await Promise.all(
      [...this.#connected].map(async (socket) =>
        (await socket.judgeAgain({ whenExpired })) ? [] : [socket],
      ),
    );
    return [...ended, ...connected].flat();
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      else server.closePending();
    }
    for (const agent of this.#agents) agent.destroy();
    for (const socket of this.#connected) socket.destroy();
  }

  #client(to: string | undefined): ClientContextOptions {
    const { client } = this.#terms;
    const verifyServer = to === undefined ? client.verifyServer : only(to, client.verifyServer);
    return { ...client, verifyServer };
  }

  #context(to: string | undefined): SecureContext<ClientContextOptions> {
    const known = this.#contexts.get(to) ?? createSecureContext(this.#client(to));
    this.#contexts.set(to, known);
    return known;
  }

  #kept<S extends TlsServer | HttpsServer>(server: S): S {
    this.#servers.add(server);
    const closing: EventEmitter = server;
    closing.once("close", () => this.#servers.delete(server));
    return server;
  }
}

const only =
  (to: string, verify: VerifyPeer): VerifyPeer =>
  (question) => {
    const own = question.chain[0] && spiffeIdOf(question.chain[0])?.text;
    if (own === to) return verify(question);
    throw new TlsError("access_denied", "the server is another one", {
      expected: to,
      received: own ?? "no SPIFFE ID",
    });
  };
