/** The servers that tlsfuzzer's scripts talk to, by the names that its configuration uses. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import {
  certificateCompressors,
  createDevelopmentCa,
  createHttpsServer,
  createServer,
  type KeyType,
  native,
  type TlsServerOptions,
  type TlsSocket,
} from "../../../src/node.ts";

const ca = createDevelopmentCa({ provider: native, now: Date.now() });
const credentials = (...types: KeyType[]) =>
  types.map((algorithm) => ca.issue({ names: ["localhost"], algorithm }));
const rsa = { credentials: credentials("rsa") };
const asking = { ...rsa, ca: ca.pem, clientAuthentication: "request" } as const;
/** In the order that the scripts expect in a CertificateRequest. */
const inOrder = certificateCompressors.toSorted((a, b) => a.algorithm - b.algorithm);
const psk = { secret: Uint8Array.of(0xaa), hash: "sha256", kind: "external" } as const;

const page = (options: TlsServerOptions) =>
  createHttpsServer(options, (_request, response) => response.end("hello\n"));

/** What a socket does when its handshake is over. */
const plain = (options: TlsServerOptions, serve: (socket: TlsSocket) => void) =>
  createServer(options, (socket) => {
    socket.on("error", () => {});
    serve(socket);
  });

const reply = "HTTP/1.0 200 OK\r\n\r\nhello\n";

const servers: Readonly<Record<string, () => Server>> = {
  page: () => page(rsa),
  "rsa-pss": () => page({ credentials: credentials("rsa-pss") }),
  ecdsa: () => page({ credentials: credentials("secp256r1", "secp384r1", "secp521r1") }),
  eddsa: () => page({ credentials: credentials("ed25519", "ed448") }),
  asks: () => page(asking),
  compresses: () => page({ ...rsa, certificateCompression: certificateCompressors }),
  "compresses and asks": () => page({ ...asking, certificateCompression: inOrder }),
  psk: () => {
    const lookUpPsk = (identity: Uint8Array) =>
      Buffer.from(identity).toString() === "test" ? psk : undefined;
    return page({ ...rsa, allowPskOnly: true, lookUpPsk });
  },
  echo: () => plain(rsa, (socket) => socket.pipe(socket)),
  "asks later": () =>
    plain({ ...rsa, ca: ca.pem }, (socket) => {
      socket.once("peer", () => socket.write(reply));
      socket.once("data", () => {
        // Who did not offer to answer is answered without it
        try {
          socket.requestCertificate();
        } catch {
          socket.write(reply);
        }
      });
    }),
};

/** Writes a client's key and certificate of each kind, and starts all servers: their ports by name. */
export async function start(folder: string): Promise<Map<string, number>> {
  for (const algorithm of ["rsa", "secp256r1", "ed25519", "ML-DSA-65"] as const) {
    const own = ca.issue({ names: ["client@example.com"], algorithm, usage: "client" });
    writeFileSync(join(folder, `${algorithm}.pem`), own.certificatePem);
    writeFileSync(join(folder, `${algorithm}.key`), own.privateKeyPem);
  }
  const ports = new Map<string, number>();
  for (const [name, make] of Object.entries(servers)) {
    const server = make().on("tlsClientError", () => {});
    server.listen(0, "localhost");
    await once(server, "listening");
    ports.set(name, (server.address() as AddressInfo).port);
  }
  return ports;
}
