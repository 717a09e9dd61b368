/** What the tests of the Node transport share: an authority, a server to talk to, streams in memory. */
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { Duplex } from "node:stream";
import { createDevelopmentCa, noble } from "../../../src/index.ts";
import {
  connect,
  type ConnectOptions,
  createServer,
  type TlsServer,
  type TlsServerOptions,
  type TlsSocket,
} from "../../../src/node.ts";

export const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
const issued = ca.issue({ names: ["localhost", "127.0.0.1"] });
/** A server's certificate and key, as files would hold them. */
export const serverPem = { cert: issued.certificatePem, key: issued.privateKeyPem };
const forClient = ca.issue({ names: ["client.example"], usage: "client" });
export const clientPem = { cert: forClient.certificatePem, key: forClient.privateKeyPem };
/** Cheap to compute: most tests are not about the group. */
export const quick = { groups: ["x25519"] };

export async function portOf(listening: Server): Promise<number> {
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  return (listening.address() as AddressInfo).port;
}

/** A server that runs for as long as the function does, and the sockets that it accepted. */
export async function withServer(
  options: Partial<TlsServerOptions>,
  use: (port: number, server: TlsServer) => Promise<void>,
): Promise<void> {
  const accepted = new Set<TlsSocket>();
  const pem = options.credentials === undefined ? serverPem : {};
  const listening = createServer({ ...quick, ...pem, ...options });
  listening.on("secureConnection", (socket: TlsSocket) => accepted.add(socket));
  const port = await portOf(listening);
  try {
    await use(port, listening);
  } finally {
    for (const socket of accepted) socket.destroy();
    await closed(listening);
  }
}

export const closed = (listening: Server): Promise<unknown> =>
  new Promise((resolve) => {
    listening.close(resolve);
  });

/** A client of {@link withServer} whose handshake is over. */
export async function connected(port: number, options: ConnectOptions = {}): Promise<TlsSocket> {
  const prepared = options.secureContext === undefined ? { ...quick, ca: ca.pem } : {};
  const socket = connect(port, "127.0.0.1", { ...prepared, ...options });
  await once(socket, "secureConnect");
  return socket;
}

/** All that a stream brings before its end; it stays usable, where iteration would destroy it. */
export function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    stream.on("end", () => resolve(Buffer.concat(chunks)));
    stream.on("error", reject);
  });
}

/** The error that a stream ends with. */
export async function failureOf(stream: Duplex): Promise<Error & { readonly code?: string }> {
  const [error] = (await once(stream, "error")) as [Error];
  return error;
}

/** Two streams in memory, each of which reads what the other writes, with backpressure. */
export function duplexPair(): readonly [Duplex, Duplex] {
  const waiting = new Map<Duplex, () => void>();
  const make = (other: () => Duplex): Duplex => {
    const duplex: Duplex = new Duplex({
      highWaterMark: 4096,
      read: () => {
        const written = waiting.get(duplex);
        waiting.delete(duplex);
        written?.();
      },
      write: (chunk: Uint8Array, _encoding, callback) => {
        if (other().push(chunk)) callback();
        else waiting.set(other(), callback);
      },
      final: (callback) => {
        other().push(null);
        callback();
      },
    });
    return duplex;
  };
  const left = make(() => right);
  const right = make(() => left);
  return [left, right];
}
