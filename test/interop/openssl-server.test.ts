/** Our client against OpenSSL's server. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { connect, type ConnectOptions, type TlsSocket } from "../../src/node.ts";
import { failureOf } from "../transport/node/support.ts";
import { type Algorithm, type Credentials, credentialsOf, temporaryFolder } from "./credentials.ts";
import {
  commonGroups,
  commonKeys,
  commonSuites,
  exchangeUnderNewKeys,
  groupSaidBy,
} from "./openssl.ts";
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
  for (const group of commonGroups) {
    itWith("openssl35", `agrees on ${group}`, async ({ path }) => {
      const args = ["-rev", "-groups", group];
      await withSocket({ path, args, options: { groups: [group] } }, async (socket, server) => {
        await converse(socket);
        expect(socket.negotiated).toMatchObject({ group, retried: false });
        expect(await groupSaidBy(server)).toBe(group);
      });
    });

    itWith("openssl35", `asks again, for ${group}`, async ({ path }) => {
      const other = group === "x25519" ? "secp256r1" : "x25519";
      const options = { groups: [other, group] };
      await withSocket(
        { path, args: ["-rev", "-groups", group], options },
        async (socket, server) => {
          await converse(socket);
          expect(socket.negotiated).toMatchObject({ group, retried: true });
          expect(await groupSaidBy(server)).toBe(group);
        },
      );
    });
  }

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

  for (const suite of commonSuites) {
    itWith(
      "openssl35",
      `agrees on ${suite}, also after new keys from both ends`,
      async ({ path }) => {
        const args = ["-ciphersuites", suite, "-groups", "x25519", "-state"];
        await withSocket(
          { path, args, options: { groups: ["x25519"] } },
          async (socket, server) => {
            await once(socket, "secureConnect");
            expect(socket.negotiated?.cipherSuite).toBe(suite);
            await server.expect(new RegExp(`CIPHER is ${suite}`));
            await exchangeUnderNewKeys(server, socket, (nth) =>
              server.expect(new RegExp(`(write server key update[^]*){${nth}}`)),
            );
          },
        );
      },
    );
  }

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
    "sees that a client certificate is missing, and says so",
    async ({ path }) => {
      const args = ["-rev", "-Verify", "1", "-verify_return_error"];
      await withSocket({ path, args }, async (socket) => {
        await once(socket, "secureConnect");
        const failure = await failureOf(socket);
        expect(failure).toMatchObject({ reason: "peer_alert" });
        expect(failure.message).toContain("certificate_required");
      });
    },
  );

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

  itWith("openssl35", "chooses an application protocol", async ({ path }) => {
    const args = ["-alpn", "h2,echo"];
    await withSocket({ path, args, options: { alpn: ["echo", "x"] } }, async (socket, server) => {
      await once(socket, "secureConnect");
      expect(socket.alpnProtocol).toBe("echo");
      await server.expect(/ALPN protocols selected: echo/);
    });
  });

  itWith("openssl35", "shares nothing with us, and both say so", async ({ path }) => {
    const args = ["-rev", "-groups", "secp521r1"];
    await withSocket({ path, args, options: { groups: ["x25519"] } }, async (socket, server) => {
      const failure = await failureOf(socket);
      expect(failure).toMatchObject({ reason: "peer_alert" });
      expect(failure.message).toContain("handshake_failure");
      await server.expect(/no suitable key share|no shared group/);
    });
    const old = ["-rev", "-tls1_2"];
    await withSocket({ path, args: old }, async (socket) => {
      expect((await failureOf(socket)).message).toContain("protocol_version");
    });
  });

  itWith(
    "openssl35",
    "sends a lot, takes a lot, and ends when we have said that it is all",
    async ({ path }) => {
      // Digits, since letters are commands to the tool
      const data = Buffer.from(randomBytes(4_000_000).map((byte) => 0x30 + (byte % 10)));
      await withSocket({ path, args: [] }, async (socket, server) => {
        await once(socket, "secureConnect");
        let received = 0;
        const hash = createHash("sha256");
        const whole = new Promise<void>((resolve) => {
          socket.on("data", (chunk: Buffer) => {
            hash.update(chunk);
            if ((received += chunk.length) === data.length) resolve();
          });
        });
        server.write(data);
        await whole;
        expect(hash.digest("hex")).toBe(createHash("sha256").update(data).digest("hex"));
        const ended = once(socket, "end");
        socket.end(data);
        await server.until(() => server.bytes.includes(data), "all that we sent");
        await server.expect(/DONE/);
        await ended;
      });
    },
  );

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

  itWith("openssl35", "exports the same keying material", async ({ path }) => {
    const exporter = ["-keymatexport", "EXPERIMENTAL label", "-keymatexportlen", "24"];
    await withSocket({ path, args: exporter }, async (socket, server) => {
      await once(socket, "secureConnect");
      const [, hex = ""] = await server.expect(/Keying material: ([0-9A-F]+)/);
      const ours = socket.exportKeyingMaterial(24, "EXPERIMENTAL label");
      expect(ours.toString("hex")).toBe(hex.toLowerCase());
    });
  });

  itWith("openssl35", "resumes a session, and takes early data", async ({ path }) => {
    const credentials = credentialsOf();
    await withSocket({ path, args: ["-early_data"] }, async (first, server) => {
      const port = await portOf(server);
      const [session] = await once(first, "session");
      first.end();
      const base = { port, host: "127.0.0.1", servername: "localhost", ca: credentials.ca };
      const second = connect({ ...base, psks: [session], earlyData: "safe-to-replay" });
      second.write("sent before the handshake\n");
      await once(second, "secureConnect");
      expect(second.negotiated).toMatchObject({ resumed: true, earlyData: "accepted" });
      expect(second.negotiated?.postQuantum).toBe(true);
      await server.expect(/sent before the handshake/);
      second.destroy();
    });
  });
});
