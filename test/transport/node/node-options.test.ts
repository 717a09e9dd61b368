import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import type * as http from "node:http";
import * as net from "node:net";
import * as https from "node:https";
import * as tls from "node:tls";
import { describe, expect, it } from "vitest";
import { acceptAnyCertificate, createTrustStore, type TlsError } from "../../../src/index.ts";
import {
  connect,
  type ConnectOptions,
  createHttpsServer,
  createSecureContext,
  createServer,
  createServerContext,
  HttpsAgent,
  native,
  type ServerContextOptions,
  type TlsServer,
  type TlsServerOptions,
  TlsSocket,
  tlsErrorOf,
} from "../../../src/node.ts";
import { type Fate, nodeTlsOptions } from "../../../src/transport/node/node-tls.ts";
import {
  ca,
  clientPem,
  closed,
  connected,
  failureOf,
  portOf,
  quick,
  readAll,
  serverPem,
  withServer,
} from "./support.ts";

const trust = createTrustStore(ca.pem);
const asServer = (options: object) => () => createServer({ ...serverPem, ...options });
const asClient = (options: object) => () => createSecureContext({ ca: ca.pem, ...options });

describe("what node:tls knows and this does not take", () => {
  const refused = Object.entries<Fate>(nodeTlsOptions).flatMap(([name, fate]) =>
    "instead" in fate ? [[name, fate.instead] as const] : [],
  );

  it.each(refused)("is refused by every face, with what to write instead: %s", (name, instead) => {
    const options = { [name]: "x" };
    const faces: readonly (() => unknown)[] = [
      asServer(options),
      asClient(options),
      () => createServerContext({ ...serverPem, ...options }),
      () => createHttpsServer({ ...serverPem, ...options }),
      () => new HttpsAgent({ ca: ca.pem, ...options }),
      () => connect({ port: 9, ca: ca.pem, ...options }),
      () => createSecureContext({ ca: ca.pem }).update(options),
    ];
    // Sockets of a server have that option
    const own = name === "highWaterMark" ? faces.filter((_, at) => ![0, 3].includes(at)) : faces;
    for (const face of own) {
      expect(face).toThrow(TypeError);
      expect(face).toThrow(`${name} is not taken; ${instead}`);
    }
  });

  it("is told whose option it is", () => {
    expect(asClient({ requestCert: true })).toThrow(/requestCert is .* an option of a server/);
    expect(asServer({ checkServerIdentity: () => undefined })).toThrow(/an option of a client/);
    expect(asServer({ servername: "a.example" })).toThrow(/an option of a client/);
  });
});

describe("what nobody knows", () => {
  it.each([
    [
      asServer({ requestCet: true }),
      /createServer has no option requestCet; did you mean requestCert/,
    ],
    [asClient({ rejectUnauthorised: false }), /did you mean rejectUnauthorized\?/],
    [
      asServer({ rejectUnauthorized: "false" }),
      /rejectUnauthorized must be true or false, not "fals/,
    ],
    [asServer({ requestCert: 1 }), /requestCert must be true or false, not 1/],
    [
      asServer({ minVersion: "TLS1.2" }),
      /minVersion must be one of "TLSv1", .* not "TLS1.2"; did you mean "TLSv1.2"/,
    ],
    [asClient({ maxVersion: "TLSv1.2" }), /maxVersion must be "TLSv1.3"/],
    [asClient({ allowPartialTrustChain: false }), /can only be true/],
    [asServer({ clientAuthentication: "required" }), /did you mean "require"\?/],
    [asServer({ tickets: { cuont: 2 } }), /tickets has no option cuont; did you mean count\?/],
    [asServer({ tickets: { count: 256 } }), /tickets.count must be a whole number from 0 to 255/],
    [asServer({ earlyData: { maxsize: 1 } }), /earlyData has no option maxsize; did you mean/],
    [asServer({ earlyData: false }), /earlyData takes an object of options, not false/],
    [asServer({ maxPendingHandshakes: "10" }), /maxPendingHandshakes must be a whole number/],
    [asServer({ handshakeTimeout: -1 }), /handshakeTimeout must be from 0 milliseconds/],
    [asServer({ pauseOnConnect: true }), /pauseOnConnect is not taken; call pause\(\)/],
    [asServer({ key: [] }), /key must not be empty/],
    [asServer({ key: [{ pme: "x" }] }), /key\[0\] has no option pme; did you mean pem\?/],
    [asServer({ cert: 7 }), /cert must be PEM, or DER/],
    [asClient({ ca: [7] }), /ca\[0\] must be PEM, or DER/],
    [asClient({ crl: "garbage" }), /no PEM block found/],
    [asClient({ ALPNProtocols: "h2" }), /ALPNProtocols must be a list, not "h2"; write \["h2"\]/],
    [asClient({ ALPNProtocols: Uint8Array.of(3, 104, 50) }), /ends in the middle of a name/],
    [asClient({ session: Buffer.alloc(8) }), /createSecureContext has no option session/],
    [() => connect({ port: 9, session: Buffer.alloc(8) }), /not a session of kemistry/],
    [() => connect({ port: "x" as never }), /connect: port must be a whole number/],
    [() => connect({ port: 9, servername: "", host: "a.example" }), /servername must not be empty/],
    [() => connect({ socket: {} as never }), /socket must be a Duplex/],
    [() => new HttpsAgent({ maxSocket: 1 } as never), /did you mean maxSockets\?/],
    [() => createHttpsServer({ ...serverPem, maxHeadersize: 1 } as never), /maxHeaderSize\?/],
    [
      () => createSecureContext({ ca: ca.pem }).update({ polcy: 1 } as never),
      /update has no option/,
    ],
  ])("is refused: %#", (make, message) => {
    expect(make).toThrow(message);
  });

  it("is a second word for the same", () => {
    for (const [face, both] of [
      [asClient, { trust }],
      [asServer, { requestCert: true, clientAuthentication: "require", trust }],
      [asServer, { ALPNProtocols: ["h2"], alpn: ["h2"] }],
      [asServer, { honorCipherOrder: true, suitePreference: "server" }],
      [asClient, { checkServerIdentity: () => undefined, verifyServer: acceptAnyCertificate }],
    ] as const) {
      expect(face(both)).toThrow(/say the same: give one of them/);
    }
  });

  it("is what a context holds, beside it", () => {
    const secureContext = createSecureContext({ ca: ca.pem });
    const beside = /rejectUnauthorized stands beside secureContext/;
    const options = { secureContext, rejectUnauthorized: false };
    expect(() => new HttpsAgent(options)).toThrow(beside);
    const ofServer = createServerContext(serverPem);
    expect(() => createServer({ secureContext: ofServer, requestCert: true })).toThrow(
      /requestCert stands beside secureContext/,
    );
    const foreign = tls.createSecureContext() as never;
    expect(() => connect({ port: 9, secureContext: foreign })).toThrow(/a context of kemistry/);
    expect(() => connect({ port: 9, secureContext: ofServer })).toThrow(
      /secureContext is a context of a server; make it with createSecureContext\(\)/,
    );
    expect(() => createServer({ secureContext: secureContext as never })).toThrow(
      /secureContext is a context of a client; make it with createServerContext\(\)/,
    );
  });
});

/** What becomes of a client of `node:tls` that shows no certificate, or this one. */
async function visit(port: number, own: object = {}): Promise<string> {
  const options = { host: "localhost", port, ca: ca.pem, minVersion: "TLSv1.3", ...own } as const;
  const client = tls.connect(options);
  return new Promise((resolve) => {
    client.on("data", (data) => resolve(String(data)));
    client.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    client.on("end", () => resolve("end"));
  }).finally(() => client.destroy()) as Promise<string>;
}

const greeting = (server: TlsServer): TlsServer =>
  server.on("secureConnection", (socket: TlsSocket) =>
    socket.end(`authorized ${socket.authorized}`),
  );

describe("requestCert", () => {
  const cases: readonly (readonly [Partial<TlsServerOptions>, string, string])[] = [
    [{ requestCert: true }, "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "authorized true"],
    [
      { requestCert: true, rejectUnauthorized: true },
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "authorized true",
    ],
    [{ requestCert: true, rejectUnauthorized: false }, "authorized false", "authorized true"],
    [{ requestCert: false }, "authorized false", "authorized false"],
  ];

  it.each(cases)("%j lets nobody in whom node:tls would not", async (options, without, withOne) => {
    await withServer({ ca: ca.pem, ...options }, async (port, server) => {
      greeting(server);
      expect(await visit(port)).toBe(without);
      expect(await visit(port, clientPem)).toBe(withOne);
    });
  });

  it("needs to know whom to trust", () => {
    expect(asServer({ requestCert: true })).toThrow(/needs `trust`/);
  });

  it("without that, and with rejectUnauthorized: false, lets all in, authorized or not", async () => {
    await withServer({ requestCert: true, rejectUnauthorized: false }, async (port, server) => {
      const seen = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const socket = await connected(port, clientPem);
      const [theirs] = await seen;
      expect(theirs.authorized).toBe(false);
      expect(theirs.authorizationError).toMatchObject({
        code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        reason: "unknown_ca",
      });
      const { raw } = new X509Certificate(clientPem.cert);
      expect(theirs.getPeerCertificate()?.raw).toEqual(raw);
      socket.destroy();
      greeting(server);
      expect(await visit(port)).toBe("authorized false");
    });
  });

  it("is replaced by clientAuthentication in an update", async () => {
    await withServer({ ca: ca.pem, requestCert: true }, async (port, server) => {
      greeting(server);
      server.update({ clientAuthentication: "none" });
      expect(await visit(port)).toBe("authorized false");
    });
  });
});

describe("checkServerIdentity", () => {
  const asked: unknown[] = [];
  const failure = (options: ConnectOptions, port: number) =>
    failureOf(connect(port, "127.0.0.1", { ...quick, ca: ca.pem, ...options }));

  it("decides in place of the name, with the certificate as node:tls gives it", async () => {
    await withServer({}, async (port) => {
      const socket = await connected(port, {
        servername: "other.example",
        checkServerIdentity(hostname, certificate) {
          asked.push(hostname, certificate.raw, certificate.issuerCertificate.raw);
          asked.push(certificate.fingerprint256, certificate.subjectaltname);
          return undefined;
        },
      });
      expect(socket.authorized).toBe(true);
      socket.destroy();
      const own = new X509Certificate(serverPem.cert);
      const authority = new X509Certificate(ca.pem).raw;
      expect(asked).toEqual([
        "other.example",
        own.raw,
        authority,
        own.fingerprint256,
        own.subjectAltName,
      ]);
      const { checkServerIdentity } = tls;
      const right = await connected(port, { servername: "localhost", checkServerIdentity });
      right.destroy();
      expect(
        await failure({ servername: "other.example", checkServerIdentity }, port),
      ).toMatchObject({ reason: "wrong_name" });
    });
  });

  it.each([
    () => new Error("wrong pin"),
    () => {
      throw new Error("wrong pin");
    },
    () => Promise.resolve() as never,
    () => false as never,
  ])("refuses by anything but undefined", async (checkServerIdentity: () => Error | undefined) => {
    await withServer({}, async (port) => {
      const error = (await failure({ checkServerIdentity }, port)) as TlsError;
      expect(error.message).toMatch(/wrong pin|neither an Error nor undefined/);
      const loose = await connected(port, { checkServerIdentity, rejectUnauthorized: false }).catch(
        (thrown: Error) => thrown,
      );
      if (loose instanceof Error) expect(loose.message).toMatch(/wrong pin/);
      else {
        expect(loose.authorized).toBe(false);
        loose.destroy();
      }
    });
  });

  it("is not asked where the chain is not trusted", async () => {
    await withServer({}, async (port) => {
      let count = 0;
      const checkServerIdentity = () => void count++;
      const error = await failure({ ca: [], checkServerIdentity }, port);
      expect([tlsErrorOf(error)?.code, count]).toEqual(["unknown_ca", 0]);
    });
  });
});

describe("keys and certificates", () => {
  const { cert, key } = serverPem;
  const encrypted = createPrivateKey(key).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "pw",
  }) as string;
  const other = ca.issue({ names: ["localhost", "127.0.0.1"], algorithm: "ed25519" });
  const pair = { cert: [other.certificatePem, cert], key: [key, other.privateKeyPem] };

  it.each<[string, ServerContextOptions]>([
    ["a passphrase", { cert, key: encrypted, passphrase: "pw" }],
    ["lists of one", { cert: [cert], key: [key] }],
    ["a list of one, and a chain in pieces", { cert: [cert, ca.pem], key: [key] }],
    ["a key with its own passphrase", { cert, key: [{ pem: encrypted, passphrase: "pw" }] }],
    [
      "a key with the common passphrase",
      { cert, key: { pem: Buffer.from(encrypted) }, passphrase: "pw" },
    ],
    ["two of each, in another order", pair],
  ])("are taken as %s", async (_, options) => {
    const server = createServer({ ...quick, ...options });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    (await connected(port)).destroy();
    server.close();
  });

  it("of several kinds serve each its clients", async () => {
    await withServer({ cert: pair.cert, key: pair.key }, async (port) => {
      for (const [scheme, der] of [
        ["ed25519", other.chain[0]!.der],
        ["ecdsa_secp256r1_sha256", Buffer.from(new X509Certificate(cert).raw)],
      ] as const) {
        const socket = await connected(port, {
          schemes: [scheme],
          certificateSchemes: ["ecdsa_secp256r1_sha256"],
        });
        expect(socket.getPeerX509Certificate()?.raw.equals(der)).toBe(true);
        socket.destroy();
      }
    });
  });

  it.each<[ServerContextOptions, RegExp]>([
    [{ cert, key: encrypted }, /no passphrase is given/],
    [{ cert, key: encrypted, passphrase: "wrong" }, /passphrase/],
    [{ cert }, /`cert` and `key` go together/],
    [{ passphrase: "pw" }, /`cert` and `key` go together/],
    [{ cert: pair.cert, key: [key, key] }, /key\[1\] is the key of no chain in `cert`/],
    [{ cert: [cert], key: pair.key }, /2 keys need as many chains in `cert`, not 1/],
    [{ cert: [cert, cert], key: pair.key }, /key\[1\] is the key of no chain/],
  ])("that do not fit are refused: %#", (options, message) => {
    expect(() => createServerContext(options)).toThrow(message);
  });
});

describe("ALPNProtocols, honorCipherOrder, versions", () => {
  it.each([[["h2", "echo"]], [[Buffer.from("h2"), "echo"]], [Buffer.from("\x02h2\x04echo")]])(
    "say what alpn and suitePreference say: %#",
    async (ALPNProtocols) => {
      const versions = { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" } as const;
      const suites = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"];
      const reversed = suites.toReversed();
      for (const [honorCipherOrder, name] of [
        [true, suites[0]],
        [false, reversed[0]],
      ] as const) {
        const options = { ALPNProtocols, honorCipherOrder, suites, ...versions };
        await withServer(options, async (port) => {
          const client = await connected(port, {
            ALPNProtocols: ["echo"],
            suites: reversed,
            allowPartialTrustChain: true,
            ...versions,
          });
          expect([client.alpnProtocol, client.getCipher().name]).toEqual(["echo", name]);
          client.destroy();
        });
      }
    },
  );
});

describe("a context", () => {
  const own = createSecureContext({ ...serverPem, ca: ca.pem });

  it("takes more beside it for one connection, as in node:tls", async () => {
    await withServer({ alpn: ["x"] }, async (port) => {
      const trusting = createSecureContext({ ...quick, ca: [] });
      await expect(connected(port, { secureContext: trusting })).rejects.toMatchObject({
        reason: "unknown_ca",
      });
      const socket = await connected(port, {
        secureContext: trusting,
        rejectUnauthorized: false,
        ALPNProtocols: ["x"],
      });
      expect([socket.authorized, socket.alpnProtocol]).toEqual([false, "x"]);
      socket.destroy();
      // It is as it was
      await expect(connected(port, { secureContext: trusting })).rejects.toMatchObject({
        reason: "unknown_ca",
      });
    });
  });

  it("that a client could have is a server's too, with more beside it", async () => {
    const names: unknown[] = [];
    const listening = net.createServer((stream) => {
      const socket = new TlsSocket(stream, {
        isServer: true,
        secureContext: own,
        ALPNProtocols: ["http/1.1"],
        SNICallback: (name, done) => {
          names.push(name);
          done(null, own);
        },
      });
      socket.once("secure", () => socket.end(socket.alpnProtocol));
    });
    const port = await portOf(listening);
    const socket = await connected(port, { servername: "localhost", ALPNProtocols: ["http/1.1"] });
    expect(String(await readAll(socket))).toBe("http/1.1");
    expect(names).toEqual(["localhost"]);
    socket.destroy();
    await closed(listening);
    const wrong = { isServer: true, secureContext: own, SNICalback: () => {} } as never;
    expect(() => new TlsSocket(new net.Socket(), wrong)).toThrow(/did you mean SNICallback\?/);
    const ofClient = createSecureContext({ ca: ca.pem, checkServerIdentity: () => undefined });
    expect(
      () => new TlsSocket(new net.Socket(), { isServer: true, secureContext: ofClient }),
    ).toThrow(/checkServerIdentity is .* an option of a client/);
  });

  it("of a server keeps its tickets where more stands beside it", async () => {
    const context = createServerContext({ ...quick, ...serverPem });
    const listening = net.createServer((stream) => {
      const options = { isServer: true, secureContext: context, alpn: ["x"] } as const;
      new TlsSocket(stream, options).on("error", () => {}).resume();
    });
    const port = await portOf(listening);
    const first = await connected(port, { alpn: ["x"] });
    const [session] = (await once(first, "session")) as [never];
    first.destroy();
    const second = await connected(port, { alpn: ["x"], session });
    expect([second.isSessionReused(), second.alpnProtocol]).toEqual([true, "x"]);
    second.destroy();
    await closed(listening);
  });
});

describe("lines of the key log", () => {
  it("go to an option and to a listener alike", async () => {
    await withServer({}, async (port) => {
      const lines: string[] = [];
      const heard: string[] = [];
      const secureContext = createSecureContext({ ...quick, ca: ca.pem });
      const keyLog = (line: string) => void lines.push(line);
      const client = connect(port, "127.0.0.1", { secureContext, keyLog });
      client.on("keylog", (line: Buffer) => heard.push(String(line).trim()));
      await once(client, "secureConnect");
      expect(lines.length).toBeGreaterThan(4);
      expect(heard).toEqual(lines);
      client.destroy();
    });
  });
});

describe("an agent", () => {
  it("refuses for one request what a context that it was given holds for all", async () => {
    const agent = new HttpsAgent({ secureContext: createSecureContext({ ca: ca.pem }) });
    for (const own of [
      { rejectUnauthorized: false },
      { alpn: ["h2"] },
      { verifyServer: () => 0 },
    ]) {
      const request = () => https.get({ agent, host: "localhost", port: 9, ...own } as object);
      expect(request).toThrow(/ stands beside secureContext, which has all of these already/);
    }
    agent.destroy();
  });

  it("keeps no session where it may keep none", async () => {
    const server = createHttpsServer({ ...quick, ...serverPem }, (request, response) =>
      response.end(String((request.socket as unknown as TlsSocket).isSessionReused())),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    for (const [maxCachedSessions, answers] of [
      [0, ["false", "false"]],
      [1, ["false", "true"]],
    ] as const) {
      const agent = new HttpsAgent({ ...quick, ca: ca.pem, maxCachedSessions });
      const told: string[] = [];
      for (const _ of answers) {
        const request = https.get({ agent, host: "127.0.0.1", port });
        const [response] = (await once(request, "response")) as [http.IncomingMessage];
        told.push(String(await readAll(response as never)));
      }
      expect(told).toEqual(answers);
      agent.destroy();
    }
    server.close();
  });
});

describe("a provider", () => {
  it("is native where nothing is said", async () => {
    await withServer({}, async (port) => {
      const socket = await connected(port);
      expect(socket.negotiated?.backends.hash).toBe(native.hashes.sha256.backend);
      socket.destroy();
    });
  });
});
