/** Handshakes between sockets that are streams, by several stacks, over the same transports. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import {
  connect,
  createSecureContext,
  createServer,
  native,
  type OfferedPsk,
  verifyAgainst,
} from "../../src/node.ts";
import { type Subject, Unavailable } from "../measure.ts";
import { duplexPair } from "./duplex-pair.ts";
import { pems, serverName, trust } from "./identity.ts";
import { installed } from "./installed.ts";

/** `pipe`: two streams in memory. `tcp`: the loopback interface. */
export type Way = "pipe" | "tcp";

export interface Terms {
  readonly group: string;
  readonly way: Way;
  /** Default: TLS_AES_128_GCM_SHA256. */
  readonly suite?: string;
  /** Default: full. */
  readonly mode?: "full" | "resumed";
}

export interface Ends {
  readonly client: Duplex;
  readonly server: Duplex;
}

/** Makes connections. */
export interface Connector {
  open(): Promise<Ends>;
  close(): void;
}

/** @throws Unavailable if this Node has no such group or suite */
export async function nodeTls(terms: Terms): Promise<Connector> {
  const { group, suite = defaultSuite } = terms;
  const common = {
    minVersion: "TLSv1.3",
    ciphers: suite,
    ecdhCurve: group === "x25519" ? "X25519" : group,
  } as const;
  const make = () => {
    const server = tls.createServer({ ...common, cert: pems.cert, key: pems.key });
    const secureContext = tls.createSecureContext({ ...common, ca: pems.ca });
    return { server, client: { ...common, secureContext, servername: serverName } };
  };
  const { server, client } = orUnavailable(make, `node:tls has no ${group} here`);
  return connector(server, terms, (transport, resuming) =>
    tls.connect({ ...client, ...transport, ...(resuming as { session?: Buffer }) }),
  );
}

/** As {@link nodeTls}, with ours: certificates are known again, every signature is verified. */
export async function ours(terms: Terms): Promise<Connector> {
  const { group, suite = defaultSuite } = terms;
  const common = { provider: native, groups: [group], suites: [suite] };
  const server = createServer({ ...common, cert: pems.cert, key: pems.key });
  const secureContext = createSecureContext({ ...common, verifyServer: verifyAgainst(trust) });
  const client = { secureContext, servername: serverName };
  return connector(server, terms, (transport, resuming) =>
    connect({ ...client, ...transport, ...(resuming as { session?: OfferedPsk }) }),
  );
}

interface LemonTls {
  createServer(options: object): Server;
  connect(options: object): Client;
}

/** As {@link nodeTls}, with lemon-tls. @throws Unavailable if it is not installed */
export async function lemonTls({ way }: Pick<Terms, "way">): Promise<Connector> {
  const lemon = await installed("lemon-tls", () => import("lemon-tls"));
  // It is made after node:tls, and its types say less than that
  const { createServer: listen, connect: reach } = lemon as unknown as LemonTls;
  const common = { minVersion: "TLSv1.3", groups: [0x1d] };
  const server = listen({ ...common, cert: pems.cert, key: pems.key });
  const client = { ...common, ca: pems.ca, servername: serverName };
  return connector(
    server,
    { way },
    (transport) => reach({ ...client, ...transport }),
    // It ends the handshake where it cannot verify, and calls nobody authorized
    () => true,
  );
}

/** One operation is one handshake, and the end of it. */
export async function handshakes(connecting: Promise<Connector>): Promise<Subject> {
  const { open, close } = await connecting;
  return {
    async run() {
      const { client, server } = await open();
      client.destroy();
      server.destroy();
    },
    tearDown: close,
  };
}

const defaultSuite = "TLS_AES_128_GCM_SHA256";

function orUnavailable<T>(make: () => T, reason: string): T {
  try {
    return make();
  } catch (error) {
    // Node 20 leaves the error in OpenSSL's queue, where the next import of a key would find it
    randomBytes(1);
    throw new Unavailable(reason, { cause: error });
  }
}

type Transport = { readonly socket: Duplex } | { readonly port: number; readonly host: string };

/** What makes a client resume. */
interface Resuming {
  readonly session?: unknown;
}

interface Client extends Duplex {
  readonly authorized: boolean;
  isSessionReused(): boolean;
}

/** @param isVerified asks a client whether it has verified its server */
async function connector(
  server: Server,
  { way, mode = "full" }: Pick<Terms, "way" | "mode">,
  connectOver: (transport: Transport, resuming: Resuming) => Client,
  isVerified = (client: Client): boolean => client.authorized,
): Promise<Connector> {
  if (way === "tcp") await once(server.listen(0, "127.0.0.1"), "listening");
  const transport = (): Transport => {
    if (way === "tcp") {
      return { port: (server.address() as AddressInfo).port, host: "127.0.0.1" };
    }
    const [socket, theirs] = duplexPair();
    server.emit("connection", theirs);
    return { socket };
  };
  let resuming: Resuming = {};
  const open = async (onSession?: (session: unknown) => void): Promise<Ends> => {
    const accepted = once(server, "secureConnection");
    const client = connectOver(transport(), resuming);
    if (onSession !== undefined) client.once("session", onSession);
    await once(client, "secureConnect");
    if (!isVerified(client)) throw new Error("the server was not verified");
    if (client.isSessionReused() !== "session" in resuming) throw new Error("not resumed");
    const [peer] = (await accepted) as [Duplex];
    return { client, server: peer };
  };
  if (mode === "resumed") {
    let keep: (session: unknown) => void = () => {};
    const session = new Promise<unknown>((resolve) => {
      keep = resolve;
    });
    const first = await open(keep);
    // Tickets may come after the handshake
    first.client.resume();
    resuming = { session: await session };
    first.client.destroy();
    first.server.destroy();
  }
  return { open: () => open(), close: () => void server.close() };
}
