/** Sockets fail with the codes of node:tls, which programs decide by, and with the engine's own error behind them. */
import { once } from "node:events";
import * as net from "node:net";
import * as tls from "node:tls";
import { describe, expect, it } from "vitest";
import {
  connect,
  type ConnectOptions,
  createServer,
  native,
  TlsError,
  tlsErrorOf,
  TlsSocketError,
} from "../../../src/node.ts";
import {
  type Certificate,
  encodePem,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
} from "../../../src/identity/index.ts";
import {
  ca,
  clientPem,
  closed,
  connected,
  failureOf,
  portOf,
  quick,
  serverPem,
} from "./support.ts";

const day = 86_400_000;

interface Link {
  readonly certificate: Certificate;
  readonly pem: string;
  readonly key: ReturnType<typeof encodePrivateKey>;
  readonly keyPem: string;
}

/** @param days from which day to which, from today */
function issue(name: string, issuer?: Link, days: readonly [number, number] = [-1, 1]): Link {
  const generated = native.generateKey("secp256r1");
  const key = encodePrivateKey(generated);
  const isLeaf = name === "localhost";
  const certificate = issueCertificate({
    subject: { CN: name },
    ...(issuer && { issuer: issuer.certificate }),
    signingKey: issuer?.key ?? key,
    publicKey: encodePublicKey(generated.type, generated.publicKey),
    ...(isLeaf ? { names: { dns: [name] } } : { ca: {} }),
    notBefore: Date.now() + days[0] * day,
    notAfter: Date.now() + days[1] * day,
    provider: native,
  });
  return {
    certificate,
    key,
    pem: encodePem("CERTIFICATE", certificate.der),
    keyPem: encodePem("PRIVATE KEY", key.pkcs8),
  };
}

const root = issue("root");
const middle = issue("middle", root);
const leaf = issue("localhost", middle);
const alone = issue("localhost");

/** What a client of either kind fails with, at a server of Node's. */
async function codes(server: tls.TlsOptions, client: ConnectOptions & tls.ConnectionOptions) {
  const listening = tls.createServer(server);
  listening.on("tlsClientError", () => {});
  const place = { port: await portOf(listening), host: "127.0.0.1", servername: "localhost" };
  const ours = connect({ ...place, ...client });
  const node = tls.connect({ ...place, ...client } as tls.ConnectionOptions);
  const found = await Promise.all([failureOf(ours), failureOf(node)]);
  await closed(listening);
  return found;
}

describe("a client's error has the code of node:tls", () => {
  it.each([
    ["a certificate that signs itself", "DEPTH_ZERO_SELF_SIGNED_CERT", [alone], {}],
    ["a root of somebody's own", "SELF_SIGNED_CERT_IN_CHAIN", [leaf, middle, root], {}],
    ["no root", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", [leaf, middle], {}],
    ["nothing but the leaf", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", [leaf], {}],
    ["another in its order", "SELF_SIGNED_CERT_IN_CHAIN", [leaf, root, middle], {}],
    [
      "the end of its time",
      "CERT_HAS_EXPIRED",
      [issue("localhost", root, [-2, -1])],
      { ca: root.pem },
    ],
    ["a time to come", "CERT_NOT_YET_VALID", [issue("localhost", root, [1, 2])], { ca: root.pem }],
    [
      "another name",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      [leaf, middle],
      { ca: root.pem, servername: "other.example" },
    ],
  ] as const)("for %s", async (_, code, chain, client) => {
    const cert = chain.map(({ pem }) => pem).join("");
    const [ours, node] = await codes({ cert, key: chain[0].keyPem }, client);
    expect([ours.code, node.code]).toEqual([code, code]);
  });

  it("for an alert that came", async () => {
    for (const [server, client, code] of [
      [
        { requestCert: true, rejectUnauthorized: true, ca: ca.pem },
        {},
        "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      ],
      [
        { ALPNProtocols: ["a"] },
        { ALPNProtocols: ["b"] },
        "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
      ],
    ] as const) {
      const [ours, node] = await codes({ ...serverPem, ...server }, { ca: ca.pem, ...client });
      expect([ours.code, node.code]).toEqual([code, code]);
    }
  });

  it("for an end without close_notify, which libraries take as a reason to try again", async () => {
    const silent = net.createServer((client) => client.once("data", () => client.end()));
    const port = await portOf(silent);
    const place = { port, host: "127.0.0.1", servername: "localhost" };
    const ours = await failureOf(connect(place));
    expect(ours.code).toBe("ECONNRESET");
    expect((await failureOf(tls.connect(place))).code).toBe("ECONNRESET");
    await closed(silent);
  });
});

describe("a socket's error", () => {
  it("has the engine's as its cause, and says alert, detail and role", async () => {
    const server = createServer({ ...quick, ...serverPem });
    const told = once(server, "tlsClientError");
    const socket = connect(await portOf(server), "127.0.0.1", { servername: "localhost", ca: [] });
    const error = await failureOf(socket);
    expect(error).toBeInstanceOf(TlsSocketError);
    expect(error).toMatchObject({
      name: "TlsSocketError",
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      reason: "unknown_ca",
      alert: "unknown_ca",
      detail: { section: "RFC 9846 §6.2" },
      role: "client",
    });
    expect(error.cause).toBe(socket.connection?.error);
    expect(tlsErrorOf(error)).toBe(error.cause);
    const [theirs] = (await told) as [TlsSocketError];
    expect(theirs).toMatchObject({ code: "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", role: "server" });
    await closed(server);
  });

  it("of the transport is Node's own", async () => {
    const closing = net.createServer();
    const port = await portOf(closing);
    await closed(closing);
    const error = await failureOf(connect(port, "127.0.0.1"));
    expect(error.code).toBe("ECONNREFUSED");
    expect(tlsErrorOf(error)).toBeUndefined();
    const own = new TlsError("misuse", "of the caller's own");
    expect(tlsErrorOf(own)).toBe(own);
  });

  it("is what authorizationError is, with the code that Node says there", async () => {
    const theirs: unknown[] = [];
    const tolerant = { requestCert: true, rejectUnauthorized: false };
    const server = createServer({ ...quick, ...serverPem, ...tolerant, ca: root.pem }, (socket) =>
      theirs.push(socket.authorizationError?.code),
    );
    const nodes = tls.createServer({ ...serverPem, ...tolerant, ca: root.pem }, (socket) =>
      theirs.push(socket.authorizationError),
    );
    const client = { ...clientPem, rejectUnauthorized: false };
    const ours = await connected(await portOf(server), client);
    const node = tls.connect({
      port: await portOf(nodes),
      host: "127.0.0.1",
      ca: [root.pem],
      ...client,
    });
    await once(node, "secureConnect");
    await expect.poll(() => theirs.length).toBe(2);
    expect(theirs[0]).toBe(theirs[1]);
    const untrusting = await connected(
      await portOf(createServer({ ...quick, ...serverPem }).unref()),
      {
        ca: root.pem,
        rejectUnauthorized: false,
      },
    );
    expect(untrusting.authorizationError?.code).toBe(node.authorizationError);
    for (const socket of [ours, node, untrusting]) socket.destroy();
    await Promise.all([closed(server), closed(nodes)]);
  });
});
