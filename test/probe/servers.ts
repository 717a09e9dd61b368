/** Servers with one peculiarity each, for the probe to find. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import * as tls from "node:tls";
import {
  createDevelopmentCa,
  createServerConnection,
  createTrustStore,
  noble,
  type Provider,
  type ServerOptions,
} from "../../src/index.ts";
import type { KemName } from "../../src/crypto/index.ts";
import { decodeMessage } from "../../src/messages/index.ts";
import { rotatingTickets, TlsSocket } from "../../src/node.ts";
import { probeServer } from "../../src/probe/index.ts";
import type { ProbeOptions } from "../../src/probe/index.ts";

const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
export const identity = ca.issue({ names: ["localhost", "127.0.0.1"] });
export const trust = createTrustStore(ca.pem);

const open: Server[] = [];

/** Ends all servers that {@link listen} began. */
export function closeAll(): void {
  for (const server of open.splice(0)) server.close();
}

/** A server on a port of its own; every connection is given to the function. */
export async function listen(accept: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    accept(socket);
  });
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** As `node:tls` speaks it. */
export async function listenNode(options: tls.TlsOptions): Promise<number> {
  const server = tls.createServer({
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    ...options,
  });
  server.on("tlsClientError", () => {});
  server.on("secureConnection", (socket) => socket.on("error", () => {}).resume());
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** What our own server is made of, unless it is said otherwise. */
export const usual = (provider: Provider = noble): ServerOptions => ({
  provider,
  credentials: [identity],
  tickets: rotatingTickets(provider),
});

/** Speaks TLS by our engine; `optionsFor` is given the first bytes of each connection. */
export const ours =
  (optionsFor: ServerOptions | ((first: Uint8Array) => ServerOptions)) =>
  (socket: Socket): void => {
    if (typeof optionsFor !== "function") return answer(socket, optionsFor);
    socket.once("data", (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      answer(socket, optionsFor(first));
      setImmediate(() => socket.resume());
    });
  };

function answer(socket: Socket, options: ServerOptions): void {
  const secured = new TlsSocket(socket, {
    createConnection: (wiring) => createServerConnection({ ...options, ...wiring }),
  });
  secured.on("error", () => {}).resume();
  secured.on("end", () => secured.end());
}

/** Reads once, and takes what it got for all that there is: who wrote it never saw two segments. */
export const stumbling =
  (options: ServerOptions) =>
  (socket: Socket): void => {
    socket.once("data", (first: Buffer) => {
      const isWhole = first.length >= 5 && first.length >= 5 + first.readUInt16BE(3);
      if (!isWhole) return void socket.destroy();
      socket.pause();
      socket.unshift(first);
      answer(socket, options);
      setImmediate(() => socket.resume());
    });
  };

/** The same part of the server's share for the same part of the client's, of one component. */
export function repeating(kem: KemName): Provider {
  const slot = noble.kems[kem];
  const randomness = new Uint8Array(kem.startsWith("ML-KEM") ? 32 : slot.sharedSecretLength).fill(
    9,
  );
  return {
    ...noble,
    kems: {
      ...noble.kems,
      [kem]: { ...slot, encapsulate: (key: Uint8Array) => slot.encapsulateWith!(key, randomness) },
    },
  };
}

/** Without waiting between connections, as nobody should ask a server of somebody else's. */
export const probe = (port: number, options: Partial<ProbeOptions> = {}) =>
  probeServer({
    host: "127.0.0.1",
    port,
    serverName: "localhost",
    provider: noble,
    trust,
    rate: 1000,
    timeout: 3000,
    ...options,
  });

/** The ClientHello in these bytes offers a session, as far as it is whole and right. */
export function resumes(first: Uint8Array): boolean {
  try {
    const { body } = decodeMessage("client_hello", first.subarray(5));
    return body.extensions.pre_shared_key !== undefined;
  } catch {
    return false;
  }
}
