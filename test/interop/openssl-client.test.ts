/** OpenSSL's client against our server. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import {
  createServer,
  type TlsServer,
  type TlsServerOptions,
  type TlsSocket,
} from "../../src/node.ts";
import { closed, failureOf, readAll } from "../transport/node/support.ts";
import { type Algorithm, credentialsOf, temporaryFolder } from "./credentials.ts";
import { commonKeys } from "./openssl.ts";
import { type PeerProcess, withPeer } from "../../src/peers/process.ts";
import { itWith } from "./peers.ts";

interface Given {
  /** The tool. */
  readonly path: string;
  /** Arguments of `s_client` beside the port and the authority. */
  readonly args?: readonly string[];
  readonly algorithm?: Algorithm;
  readonly options?: Partial<TlsServerOptions>;
}

/** Runs our server and a client of it. */
async function withClient(
  { path, args = [], algorithm, options }: Given,
  use: (client: PeerProcess, accepted: Promise<TlsSocket>, server: TlsServer) => Promise<void>,
): Promise<void> {
  await withServer({ algorithm, options }, async (port, server) => {
    const accepted = socketOf(server);
    await withPeer(path, argumentsFor(port, args), (client) => use(client, accepted, server), {
      cwd: credentialsOf(algorithm).folder,
    });
  });
}

async function withServer(
  { algorithm, options }: { algorithm: Algorithm | undefined; options: Given["options"] },
  use: (port: number, server: TlsServer) => Promise<void>,
): Promise<void> {
  const accepted = new Set<TlsSocket>();
  const server = createServer({ ...credentialsOf(algorithm).server, ...options });
  server.on("secureConnection", (socket: TlsSocket) => accepted.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use((server.address() as AddressInfo).port, server);
  } finally {
    for (const socket of accepted) socket.destroy();
    await closed(server);
  }
}

function argumentsFor(port: number, more: readonly string[]): string[] {
  const trust = ["-CAfile", "ca.pem", "-servername", "localhost", "-verify_return_error"];
  return ["s_client", "-connect", `127.0.0.1:${port}`, ...trust, ...more];
}

async function socketOf(server: TlsServer): Promise<TlsSocket> {
  return ((await once(server, "secureConnection")) as [TlsSocket])[0];
}

async function errorOf(server: TlsServer): Promise<Error> {
  return ((await once(server, "tlsClientError")) as [Error])[0];
}

/** Hears something from the client, and answers. */
async function converse(client: PeerProcess, accepted: Promise<TlsSocket>): Promise<TlsSocket> {
  const socket = await accepted;
  client.write("post-quantum\n");
  expect(String((await once(socket, "data"))[0])).toBe("post-quantum\n");
  socket.write("key exchange\n");
  await client.expect(/key exchange/);
  return socket;
}

describe("OpenSSL's client", () => {
  for (const algorithm of commonKeys) {
    itWith(
      "openssl35",
      `has a certificate with a key of type ${algorithm}, and so have we`,
      async ({ path }) => {
        const args = ["-cert", "client.pem", "-key", "client.key"];
        const options = {
          clientAuthentication: "require",
          ca: credentialsOf(algorithm).ca,
        } as const;
        await withClient({ path, args, algorithm, options }, async (client, accepted) => {
          const socket = await converse(client, accepted);
          expect(socket.authorized).toBe(true);
          const { peer, signatureScheme, peerSignatureScheme } = socket.negotiated ?? {};
          expect(peer?.verified?.leaf.publicKey.type).toBe(algorithm);
          expect(peerSignatureScheme).toBe(signatureScheme);
          await client.expect(/Verify return code: 0 \(ok\)/);
        });
      },
    );
  }

  itWith("openssl35", "comes with a certificate of another authority", async ({ path }) => {
    const options = { clientAuthentication: "require", ca: credentialsOf().ca } as const;
    const other = credentialsOf("ed25519").folder;
    const args = ["-cert", join(other, "client.pem"), "-key", join(other, "client.key")];
    await withClient({ path, args, options }, async (client, _, server) => {
      expect(await errorOf(server)).toMatchObject({ reason: "unknown_ca" });
      await client.expect(/alert unknown ca/);
    });
  });

  itWith("openssl35", "does not come without a certificate where we only ask", async ({ path }) => {
    const options = { clientAuthentication: "request", ca: credentialsOf().ca } as const;
    await withClient({ path, options }, async (client, accepted) => {
      expect((await converse(client, accepted)).authorized).toBe(false);
    });
  });

  itWith("openssl35", "does not like our certificate, and says why", async ({ path }) => {
    const args = ["-verify_hostname", "other.example"];
    await withClient({ path, args }, async (client, _, server) => {
      const error = await errorOf(server);
      expect(error).toMatchObject({ reason: "peer_alert" });
      expect(error.message).toMatch(/bad_certificate|certificate_unknown/);
      await client.expect(/hostname mismatch/i);
    });
  });

  itWith("openssl35", "has TLS 1.2 alone, and is told that it will not do", async ({ path }) => {
    await withClient({ path, args: ["-tls1_2"] }, async (client, _, server) => {
      expect(await errorOf(server)).toMatchObject({ reason: "protocol_version" });
      await client.expect(/alert protocol version/);
    });
  });

  itWith("openssl35", "ends its direction first, and still gets our answer", async ({ path }) => {
    const options = { allowHalfOpen: true };
    await withClient({ path, options }, async (client, accepted) => {
      const socket = await accepted;
      client.child.stdin.end("Q\n");
      expect(String(await readAll(socket))).toBe("");
      expect(socket.connection?.state).toBe("open");
    });
  });

  itWith("openssl35", "disappears, which is no clean end", async ({ path }) => {
    await withClient({ path }, async (client, accepted) => {
      const socket = await converse(client, accepted);
      const failure = failureOf(socket);
      await client.stop();
      expect((await failure).code).toBe("ECONNRESET");
    });
  });

  itWith(
    "openssl35",
    "writes the same key log as we do, and exports the same",
    async ({ path }) => {
      const file = join(temporaryFolder(), "keys.log");
      const exporter = ["-keymatexport", "EXPERIMENTAL label", "-keymatexportlen", "24"];
      const args = ["-keylogfile", file, ...exporter];
      await withClient({ path, args }, async (client, accepted, server) => {
        const ours = new Set<string>();
        server.on("keylog", (line: Buffer) => ours.add(line.toString().trim()));
        const socket = await converse(client, accepted);
        const theirs = readFileSync(file, "latin1").split("\n");
        expect(new Set(theirs.filter((line) => /^[A-Z]/.test(line)))).toEqual(ours);
        expect(ours.size).toBe(5);
        const [, hex = ""] = await client.expect(/Keying material: ([0-9A-F]+)/);
        const material = socket.exportKeyingMaterial(24, "EXPERIMENTAL label");
        expect(material.toString("hex")).toBe(hex.toLowerCase());
      });
    },
  );
});
