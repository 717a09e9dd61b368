/** Our client against OpenSSL's server. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { connect, type ConnectOptions, type TlsSocket } from "../../src/node.ts";
import { failureOf } from "../transport/node/support.ts";
import { type Algorithm, type Credentials, credentialsOf, temporaryFolder } from "./credentials.ts";
import { commonKeys, groupSaidBy } from "./openssl.ts";
import { portOf } from "../../src/peers/openssl.ts";
import { type PeerProcess, withPeer } from "../../src/peers/process.ts";
import { itWith } from "./peers.ts";

interface Given {
  /** The tool. */
  readonly path: string;
  /** Arguments of `s_server`. Default: `-rev`, which sends every line back reversed. */
  readonly args?: readonly string[];
  readonly algorithm?: Algorithm;
  readonly options?: ConnectOptions;
}

/** Starts a server, and connects to it. */
async function withSocket(
  { path, args = ["-rev"], algorithm, options }: Given,
  use: (socket: TlsSocket, server: PeerProcess, credentials: Credentials) => Promise<void>,
): Promise<void> {
  const credentials = credentialsOf(algorithm);
  const files = ["-cert", "server.pem", "-key", "server.key", "-CAfile", "ca.pem"];
  const all = ["s_server", "-accept", "127.0.0.1:0", ...files, ...args];
  const { folder, ca } = credentials;
  await withPeer(
    path,
    all,
    async (server) => {
      const port = await portOf(server);
      const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca, ...options });
      try {
        await use(socket, server, credentials);
      } finally {
        socket.destroy();
      }
    },
    { cwd: folder },
  );
}

/** Says something, and hears it backwards. */
async function converse(socket: TlsSocket): Promise<void> {
  await once(socket, "secureConnect");
  socket.write("post-quantum\n");
  expect(String((await once(socket, "data"))[0])).toBe("mutnauq-tsop\n");
}

describe("OpenSSL's server", () => {
  itWith(
    "openssl35",
    "takes several shares, and one component in two of them",
    async ({ path }) => {
      const groups = ["X25519MLKEM768", "x25519"];
      const options = { groups, shares: groups, reuseComponents: true };
      for (const group of groups) {
        await withSocket(
          { path, args: ["-rev", "-groups", group], options },
          async (socket, server) => {
            await converse(socket);
            expect(socket.negotiated).toMatchObject({ group, retried: false });
            expect(await groupSaidBy(server)).toBe(group);
          },
        );
      }
    },
  );

  for (const algorithm of commonKeys) {
    itWith(
      "openssl35",
      `has a certificate with a key of type ${algorithm}, and so have we`,
      async ({ path }) => {
        const args = ["-rev", "-Verify", "1", "-verify_return_error"];
        const options = credentialsOf(algorithm).client;
        await withSocket({ path, args, algorithm, options }, async (socket, server) => {
          await converse(socket);
          expect(socket.authorized).toBe(true);
          const { peer, signatureScheme, peerSignatureScheme } = socket.negotiated ?? {};
          expect(peer?.verified?.leaf.publicKey.type).toBe(algorithm);
          expect(peerSignatureScheme).toBe(signatureScheme);
          await server.expect(/Peer certificate: CN=client\.example/);
          await server.expect(/Verification: OK/);
        });
      },
    );
  }

  itWith(
    "openssl35",
    "is refused under another name or from another authority",
    async ({ path }) => {
      const wrong: readonly (readonly [ConnectOptions, string, RegExp])[] = [
        [{ servername: "other.example" }, "wrong_name", /alert bad certificate/],
        [{ ca: credentialsOf("ed25519").ca }, "unknown_ca", /alert unknown ca/],
        [{ now: () => Date.UTC(2040, 1) }, "certificate_expired", /alert certificate expired/],
      ];
      for (const [options, reason, alert] of wrong) {
        await withSocket({ path, options }, async (socket, server) => {
          expect(await failureOf(socket)).toMatchObject({ reason });
          await server.expect(alert);
        });
      }
    },
  );

  itWith("openssl35", "has TLS 1.2 alone, and says that it will not do", async ({ path }) => {
    const old = ["-rev", "-tls1_2"];
    await withSocket({ path, args: old }, async (socket) => {
      expect((await failureOf(socket)).message).toContain("protocol_version");
    });
  });

  itWith("openssl35", "disappears, which is no clean end", async ({ path }) => {
    await withSocket({ path }, async (socket, server) => {
      await converse(socket);
      const failure = failureOf(socket);
      await server.stop();
      expect((await failure).code).toBe("ECONNRESET");
    });
  });

  itWith("openssl35", "writes the same key log as we do", async ({ path }) => {
    const file = join(temporaryFolder(), "keys.log");
    await withSocket({ path, args: ["-rev", "-keylogfile", file] }, async (socket) => {
      const ours = new Set<string>();
      socket.on("keylog", (line: Buffer) => ours.add(line.toString().trim()));
      await converse(socket);
      const theirs = readFileSync(file, "latin1").split("\n");
      expect(new Set(theirs.filter((line) => /^[A-Z]/.test(line)))).toEqual(ours);
      expect(ours.size).toBe(5);
    });
  });
});
