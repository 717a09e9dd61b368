/** What goes beyond the ordinary handshake, with OpenSSL's tool in both roles. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import {
  certificateCompressors,
  connect,
  type ConnectOptions,
  createCredential,
  createServer,
  native,
  type Observer,
  type OfferedPsk,
  type Psk,
  type TlsServerOptions,
  type TlsSocket,
} from "../../src/node.ts";
import { messageName } from "../../src/messages/index.ts";
import { fromHex, utf8 } from "../../src/wire/index.ts";
import { closed } from "../transport/node/support.ts";
import { credentialsOf, temporaryFolder } from "./credentials.ts";
import { portOf } from "../../src/peers/openssl.ts";
import { type PeerProcess, withPeer } from "../../src/peers/process.ts";
import { itWith } from "./peers.ts";

const { ca, server: serverPem, client: clientPem, folder } = credentialsOf();
const cwd = folder;

/** Runs OpenSSL's server, and gives what is needed to connect to it. */
function withServer(
  path: string,
  args: readonly string[],
  use: (base: ConnectOptions, server: PeerProcess) => Promise<void>,
): Promise<void> {
  const files = ["-cert", "server.pem", "-key", "server.key", "-CAfile", "ca.pem"];
  const all = ["s_server", "-accept", "127.0.0.1:0", ...files, ...args];
  return withPeer(
    path,
    all,
    async (server) => {
      const port = await portOf(server);
      await use({ port, host: "127.0.0.1", servername: "localhost", ca }, server);
    },
    { cwd },
  );
}

/** Runs our server, and OpenSSL's client against it. */
async function withClient(
  path: string,
  args: readonly string[],
  options: TlsServerOptions,
  use: (socket: TlsSocket, client: PeerProcess) => Promise<void>,
): Promise<void> {
  const server = createServer(options);
  const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
  const failed = once(server, "tlsClientError").then(([error]) => Promise.reject(error as Error));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const all = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost", ...args];
  try {
    await withPeer(
      path,
      all,
      async (client) => {
        const [socket] = await Promise.race([accepted, failed]);
        try {
          await use(socket, client);
        } finally {
          socket.destroy();
        }
      },
      { cwd },
    );
  } finally {
    failed.catch(() => {});
    await closed(server);
  }
}

async function open(options: ConnectOptions): Promise<TlsSocket> {
  const socket = connect(options);
  await once(socket, "secureConnect");
  return socket;
}

/** OpenSSL's server sends each line back reversed. */
async function converse(socket: TlsSocket): Promise<void> {
  socket.write("post-quantum\n");
  expect(String((await once(socket, "data"))[0])).toBe("mutnauq-tsop\n");
}

/** Writes down the types of messages that are received. */
function listening(): { readonly observer: Observer; readonly heard: string[] } {
  const heard: string[] = [];
  const message: Observer["message"] = (direction, raw) => {
    if (direction === "received") heard.push(messageName(raw));
  };
  return { observer: { message }, heard };
}

describe("sessions with OpenSSL's server", () => {
  itWith("openssl35", "resume without key exchange, where both want that", ({ path }) =>
    withServer(path, ["-rev", "-allow_no_dhe_kex", "-prefer_no_dhe_kex"], async (base) => {
      const first = connect(base);
      const [session] = (await once(first, "session")) as [OfferedPsk];
      first.destroy();
      for (const [allowPskOnly, group] of [
        [true, undefined],
        [false, "X25519MLKEM768"],
      ] as const) {
        const again = await open({ ...base, session, allowPskOnly });
        await converse(again);
        expect(again.negotiated).toMatchObject({ resumed: true, group });
        again.destroy();
      }
    }),
  );

  itWith("openssl35", "lose early data to a retry, and go on", ({ path }) =>
    withServer(path, ["-early_data", "-groups", "P-256"], async (base, server) => {
      const first = connect({ ...base, groups: ["secp256r1"] });
      // Each of them can be used once
      const sessions: OfferedPsk[] = [];
      first.on("session", (session: OfferedPsk) => sessions.push(session));
      while (sessions.length < 2) await once(first, "session");
      // OpenSSL forgets the session of a connection that ends badly
      first.end();
      await once(first.resume(), "close");
      for (const [shares, outcome] of [
        [["secp256r1"], "accepted"],
        [["x25519"], "retried"],
      ] as const) {
        const again = connect({
          ...base,
          session: sessions.pop(),
          groups: ["x25519", "secp256r1"],
          shares,
          earlyData: "safe-to-replay",
        });
        again.write(`${outcome}\n`);
        await once(again, "secureConnect");
        // OpenSSL looks such a session up a second time after a retry, and does not find it
        const resumed = outcome === "accepted";
        expect(again.negotiated).toMatchObject({ resumed, earlyData: outcome });
        await server.expect(new RegExp(`^${outcome}$`, "m"));
        again.destroy();
      }
    }),
  );
});

describe("keys that were given by hand", () => {
  const key = "00112233445566778899aabbccddeeff";
  const psk: Psk = { secret: fromHex(key), hash: "sha256", kind: "external" };
  const identity = utf8("a device");
  const suites = ["TLS_AES_128_GCM_SHA256"];
  const args = ["-psk", key, "-psk_identity", "a device"];

  itWith("openssl35", "open OpenSSL's server", ({ path }) =>
    withServer(path, [...args, "-nocert", "-rev"], async (base) => {
      const socket = await open({ ...base, suites, psks: [{ ...psk, identity }] });
      await converse(socket);
      expect(socket.negotiated).toMatchObject({ psk: "external", group: "X25519MLKEM768" });
      socket.destroy();
    }),
  );

  itWith("openssl35", "open ours", ({ path }) => {
    const lookUpPsk = (asked: Uint8Array) =>
      Buffer.from(asked).equals(identity) ? psk : undefined;
    return withClient(path, args, { suites, lookUpPsk }, async (socket, client) => {
      expect(socket.negotiated).toMatchObject({ psk: "external", resumed: false });
      socket.write("welcome\n");
      await client.expect(/welcome/);
    });
  });
});

describe("raw public keys", () => {
  const raw = (pem: typeof serverPem) => {
    const whole = createCredential({
      certificates: pem.cert,
      privateKey: pem.key,
      provider: native,
    });
    const { publicKey } = whole.chain[0]!;
    return { chain: [], signer: whole.signer, rawPublicKey: publicKey };
  };

  itWith("openssl35", "of both ends, at OpenSSL's server", ({ path }) => {
    const args = ["-rev", "-enable_server_rpk", "-enable_client_rpk", "-verify", "1"];
    return withServer(path, args, async (given) => {
      const { ca: _, ...base } = given;
      const trustedKeys = [raw(serverPem).rawPublicKey.spki];
      const socket = await open({ ...base, trustedKeys, credentials: [raw(clientPem)] });
      await converse(socket);
      expect(socket.negotiated?.peer?.rawPublicKey?.spki).toEqual(trustedKeys[0]);
      expect(socket.negotiated?.signatureScheme).toBe("ecdsa_secp256r1_sha256");
      socket.destroy();
    });
  });

  itWith("openssl35", "of both ends, at ours", ({ path }) => {
    const trustedKeys = [raw(clientPem).rawPublicKey.spki];
    const own = ["-cert", "client.pem", "-key", "client.key"];
    const args = ["-enable_server_rpk", "-enable_client_rpk", ...own];
    const options: TlsServerOptions = {
      trustedKeys,
      credentials: [raw(serverPem)],
      clientAuthentication: "require",
    };
    return withClient(path, args, options, async (socket, client) => {
      expect(socket.negotiated?.peer?.rawPublicKey?.spki).toEqual(trustedKeys[0]);
      await client.expect(/Server raw public key/);
    });
  });
});

describe("compressed certificates", () => {
  const certificateCompression = certificateCompressors;

  itWith("openssl35", "go to OpenSSL's client, and come back", async ({ path }) => {
    const { observer, heard } = listening();
    const own = ["-cert", "client.pem", "-key", "client.key", "-CAfile", "ca.pem"];
    const options: TlsServerOptions = {
      ...serverPem,
      ca,
      clientAuthentication: "require",
      certificateCompression,
      observer,
    };
    await withClient(path, own, options, async (socket, client) => {
      expect(socket.authorized).toBe(true);
      await client.expect(/Verification: OK/);
      expect(heard).toContain("compressed_certificate");
    });
  });
});

describe("authentication after the handshake", () => {
  itWith("openssl35", "is asked by OpenSSL's server", ({ path }) =>
    withServer(path, ["-Verify", "1"], async (base, server) => {
      const { observer, heard } = listening();
      const socket = await open({
        ...base,
        ...clientPem,
        postHandshakeAuthentication: true,
        observer,
      });
      const asked = () => heard.filter((name) => name === "certificate_request").length;
      const before = asked();
      socket.write("a line\n");
      await server.expect(/a line/);
      server.write("c\n");
      for (let i = 0; i < 500 && asked() === before; i++) await sleep(10);
      expect(asked()).toBe(before + 1);
      const answer = once(socket, "data");
      server.write("still there\n");
      expect(String((await answer)[0])).toBe("still there\n");
      socket.destroy();
    }),
  );

  itWith("openssl35", "is asked by ours", ({ path }) => {
    const own = ["-cert", "client.pem", "-key", "client.key", "-enable_pha"];
    return withClient(path, own, { ...serverPem, ca }, async (socket, client) => {
      expect(socket.authorized).toBe(false);
      const answer = once(socket, "peer");
      socket.requestCertificate();
      const [peer] = (await answer) as [TlsSocket["negotiated"]];
      expect(peer).toMatchObject({ verified: { names: ["client.example"] } });
      socket.write("thank you\n");
      await client.expect(/thank you/);
    });
  });
});

describe("stapled responses", () => {
  const response = Buffer.from("30030a0106", "hex");

  itWith("openssl35", "come from OpenSSL's server", ({ path }) => {
    const file = join(temporaryFolder(), "response.der");
    writeFileSync(file, response);
    return withServer(path, ["-rev", "-status_file", file], async (given) => {
      const { ca: _, ...base } = given;
      let stapled: Uint8Array | undefined;
      const socket = await open({
        ...base,
        stapling: true,
        verifyServer: ({ chain, ocspResponse }) => {
          stapled = ocspResponse;
          return { chain, verified: undefined };
        },
      });
      expect(Buffer.from(stapled ?? [])).toEqual(response);
      await converse(socket);
      socket.destroy();
    });
  });

  itWith("openssl35", "go to OpenSSL's client", ({ path }) => {
    const whole = createCredential({
      certificates: serverPem.cert,
      privateKey: serverPem.key,
      provider: native,
    });
    const options: TlsServerOptions = { credentials: [{ ...whole, ocspResponse: response }] };
    return withClient(path, ["-status", "-CAfile", "ca.pem"], options, async (_, client) => {
      // tryLater
      await client.expect(/OCSP response:[^]*OCSP Response Status: \w+/);
    });
  });
});
