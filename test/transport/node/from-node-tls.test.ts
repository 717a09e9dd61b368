/** All that Node's own types say of `node:tls`, `node:https` and `net.Socket` has a row in docs/from-node-tls.md, and it is true. */
import { type EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import * as http2 from "node:http2";
import * as https from "node:https";
import * as net from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import { parseSync, Visitor } from "oxc-parser";
import { describe, expect, it } from "vitest";
import type { Observer, OfferedPsk } from "../../../src/index.ts";
import {
  connect,
  createHttp2Server,
  createHttpsServer,
  createServer,
  createServerContext,
  HttpsAgent,
  type NegotiatedSession,
  tlsErrorOf,
  TlsServer,
  TlsSocket,
} from "../../../src/node.ts";
import { root } from "../../architecture/tree.ts";
import { events, type Fate, functions, serverMembers, socketMembers } from "./node-tls-members.ts";
import {
  ca,
  clientPem,
  closed,
  connected,
  portOf,
  quick,
  serverPem,
  withServer,
} from "./support.ts";

/** Functions that not every version of Node has that we run on. */
const ofSomeVersions = new Set([
  "tls.createSecurePair",
  "tls.getCACertificates",
  "tls.getCertificateCompressionAlgorithms",
  "tls.setDefaultCACertificates",
]);

const listenerMethods = /^(constructor|emit|on|once|addListener|prepend(Once)?Listener)$/;

/** The members of a class in Node's types, and the events that its overloads name. */
function classIn(file: string, wanted: string): { members: string[]; events: string[] } {
  const path = join(root, "node_modules/@types/node", file);
  const found = { members: new Set<string>(), events: new Set<string>() };
  let at = "";
  const { program, errors } = parseSync(path, readFileSync(path, "utf8"));
  expect(errors).toEqual([]);
  new Visitor({
    ClassDeclaration: (node) => void (at = node.id?.name ?? ""),
    "ClassDeclaration:exit": () => void (at = ""),
    TSAbstractMethodDefinition: () => {},
    MethodDefinition: (node) => {
      if (at !== wanted || node.key.type !== "Identifier") return;
      const { name } = node.key;
      if (!listenerMethods.test(name)) found.members.add(name);
      const [first] = node.value.params;
      const type = first?.type === "Identifier" ? first.typeAnnotation?.typeAnnotation : undefined;
      if (name === "on" && type?.type === "TSLiteralType" && "value" in type.literal) {
        found.events.add(String(type.literal.value));
      }
    },
    PropertyDefinition: (node) => {
      if (at === wanted && node.key.type === "Identifier") found.members.add(node.key.name);
    },
  }).visit(program);
  return { members: [...found.members].toSorted(), events: [...found.events].toSorted() };
}

const rows = (table: Readonly<Record<string, Fate>>): string[] =>
  Object.entries(table).map(([name, fate]) => {
    const [[kind, what]] = Object.entries(fate) as [[string, string]];
    const said = { same: "same", differs: "differs", instead: "not there" }[kind]!;
    return `| \`${name}\` | ${said}: ${what} |`;
  });

/** Members whose methods are called, and getters that are read. */
const methodOf = (object: object, name: string): (() => unknown) =>
  Reflect.get(object, name) as () => unknown;

describe("Node's own types", () => {
  const socket = classIn("tls.d.ts", "TLSSocket");
  const server = classIn("tls.d.ts", "Server");
  const raw = classIn("net.d.ts", "Socket");

  it("have no member, event or function without a row", () => {
    const known = [...new Set([...socket.members, ...raw.members])].toSorted();
    expect(known.length).toBeGreaterThan(45);
    expect(Object.keys(socketMembers).toSorted()).toEqual(known);
    expect(Object.keys(serverMembers).toSorted()).toEqual(server.members);
    const named = [...new Set([...socket.events, ...server.events])].toSorted();
    expect(Object.keys(events).toSorted()).toEqual(named);
    const exported = Object.entries({ tls, https }).flatMap(([module, all]) =>
      Object.keys(all).map((name) => `${module}.${name}`),
    );
    const internal = /\.(default|SecureContext|convertALPNProtocols)$/;
    expect(exported.filter((name) => !internal.test(name) && !(name in functions))).toEqual([]);
    const here = Object.keys(functions).filter((name) => !ofSomeVersions.has(name));
    expect(here.filter((name) => !exported.includes(name))).toEqual([]);
  });

  it("have the rows that the page shows", () => {
    const page = readFileSync(join(root, "docs/from-node-tls.md"), "utf8");
    const all = [socketMembers, serverMembers, events, functions].flatMap(rows);
    expect(all.filter((row) => !page.includes(row))).toEqual([]);
  });
});

describe("what a row says", () => {
  it("is there, or says what to write instead", async () => {
    await withServer({}, async (port, server) => {
      const socket = await connected(port);
      for (const [prototype, of, table] of [
        [socket, TlsSocket, socketMembers],
        [server, TlsServer, serverMembers],
      ] as const) {
        for (const [name, fate] of Object.entries(table)) {
          if (!("instead" in fate)) expect([name, name in prototype]).toEqual([name, true]);
          else {
            const text = `${of.name}: ${name}() is not there; ${fate.instead}`;
            expect(methodOf(prototype, name)).toThrow(new TypeError(text));
          }
        }
      }
      socket.destroy();
    });
  });

  it("holds for events: whoever listens for what never comes is told", async () => {
    await withServer({}, async (port, server) => {
      const socket = await connected(port);
      for (const [name, fate] of Object.entries(events)) {
        if (!("instead" in fate)) continue;
        const emitter: EventEmitter = name === "OCSPResponse" ? socket : server;
        expect(() => emitter.on(name, () => {})).toThrow(
          `the event ${name} never comes; ${fate.instead}`,
        );
      }
      socket.destroy();
    });
  });
});

describe("as in node:tls", () => {
  it("getCertificate and getX509Certificate are our own, where the handshake showed one", async () => {
    const seen: TlsSocket[] = [];
    await withServer({ requestCert: true, ca: ca.pem }, async (port, server) => {
      server.on("secureConnection", (socket) => seen.push(socket));
      const socket = await connected(port, clientPem);
      expect(socket.getX509Certificate()?.subject).toBe("CN=client.example");
      expect(socket.getCertificate()).toMatchObject({ subject: { CN: "client.example" } });
      await expect.poll(() => seen.length).toBe(1);
      expect(seen[0]!.getCertificate()).toEqual(socket.getPeerCertificate());
      expect(seen[0]!.getX509Certificate()?.raw).toEqual(socket.getPeerX509Certificate()?.raw);
      socket.destroy();
    });
    await withServer({}, async (port) => {
      const socket = await connected(port);
      expect([socket.getCertificate(), socket.getX509Certificate()]).toEqual([{}, undefined]);
      socket.destroy();
    });
  });

  it("getPeerCertificate(true) has the issuers, the last of which names itself", async () => {
    await withServer({}, async (port) => {
      const node = tls.connect({
        port,
        host: "127.0.0.1",
        ca: ca.pem,
        servername: "localhost",
      });
      await once(node, "secureConnect");
      const ours = await connected(port);
      const theirs = node.getPeerCertificate(true);
      const told = ours.getPeerCertificate(true) as tls.DetailedPeerCertificate;
      expect(told.issuerCertificate.raw).toEqual(theirs.issuerCertificate.raw);
      expect(told.issuerCertificate.issuerCertificate).toBe(told.issuerCertificate);
      expect(theirs.issuerCertificate.issuerCertificate).toBe(theirs.issuerCertificate);
      expect("issuerCertificate" in ours.getPeerCertificate()).toBe(false);
      ours.destroy();
      node.destroy();
      // Of one that is not trusted, what was sent
      const loose = await connected(port, { ca: [], rejectUnauthorized: false });
      const leaf = loose.getPeerCertificate(true) as tls.DetailedPeerCertificate;
      expect([leaf.raw, leaf.issuerCertificate]).toEqual([theirs.raw, undefined]);
      loose.destroy();
    });
  });

  it.each([
    ["x25519", { type: "ECDH", name: "X25519", size: 253 }],
    ["secp256r1", { type: "ECDH", name: "prime256v1", size: 256 }],
    ["X25519MLKEM768", { type: "KEM", name: "X25519MLKEM768" }],
  ])("getEphemeralKeyInfo of %s is a client's", async (group, expected) => {
    const seen: TlsSocket[] = [];
    await withServer({ groups: [group] }, async (port, server) => {
      server.on("secureConnection", (socket) => seen.push(socket));
      const socket = await connected(port, { groups: [group] });
      expect(socket.getEphemeralKeyInfo()).toEqual(expected);
      await expect.poll(() => seen.length).toBe(1);
      expect(seen[0]!.getEphemeralKeyInfo()).toBeNull();
      if (!group.includes("MLKEM")) {
        const theirs = tls.connect({
          port,
          host: "127.0.0.1",
          ca: ca.pem,
          servername: "localhost",
          ecdhCurve: group === "x25519" ? "X25519" : "P-256",
        });
        await once(theirs, "secureConnect");
        expect(socket.getEphemeralKeyInfo()).toEqual(theirs.getEphemeralKeyInfo());
        theirs.destroy();
      }
      socket.destroy();
    });
  });

  it("getSession gives bytes that resume, and other bytes are refused", async () => {
    await withServer({}, async (port) => {
      const first = await connected(port);
      expect(first.getSession()).toBeUndefined();
      let session: OfferedPsk | undefined;
      first.on("session", (each) => (session = each));
      await expect.poll(() => session).toBeDefined();
      const bytes = first.getSession()!;
      expect(bytes.includes(Buffer.from(session!.secret))).toBe(true);
      expect(first.getTLSTicket()).toEqual(Buffer.from(session!.identity));
      first.destroy();
      const second = await connected(port, { session: Uint8Array.from(bytes) });
      expect(second.isSessionReused()).toBe(true);
      second.destroy();
      for (const wrong of [Buffer.alloc(0), Buffer.alloc(200, 1), bytes.subarray(0, -1)]) {
        expect(() => connect({ port, session: wrong })).toThrow(/not a session of kemistry/);
      }
    });
  });

  it("getFinished and getPeerFinished are what both ends sent, and undefined before", async () => {
    const listening = tls.createServer({ ...serverPem, minVersion: "TLSv1.3" });
    const seen = once(listening, "secureConnection") as Promise<[tls.TLSSocket]>;
    const port = await portOf(listening);
    for (const resumed of [false, true]) {
      const socket = connect(port, "127.0.0.1", { ca: ca.pem, servername: "localhost" });
      expect([socket.getFinished(), socket.getPeerFinished()]).toEqual([undefined, undefined]);
      const [theirs] = await (resumed
        ? (once(listening, "secureConnection") as typeof seen)
        : seen);
      if (socket.negotiated === undefined) await once(socket, "secureConnect");
      expect(socket.getFinished()).toEqual(theirs.getPeerFinished());
      expect(socket.getPeerFinished()).toEqual(theirs.getFinished());
      expect(socket.getFinished()!.length).toBe(
        socket.getCipher().name.endsWith("SHA384") ? 48 : 32,
      );
      socket.destroy();
      theirs.destroy();
    }
    await closed(listening);
    await withServer({}, async (ourPort, server) => {
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const node = tls.connect({
        port: ourPort,
        host: "127.0.0.1",
        ca: ca.pem,
        servername: "localhost",
      });
      await once(node, "secureConnect");
      const [ours] = await accepted;
      expect(ours.getFinished()).toEqual(node.getPeerFinished());
      expect(ours.getPeerFinished()).toEqual(node.getFinished());
      node.destroy();
    });
  });

  it("getSharedSigalgs are a client's, by the names that Node has", async () => {
    const sigalgs =
      "ed25519:ECDSA+SHA256:RSA-PSS+SHA384:rsa_pss_pss_sha256:RSA+SHA512:ECDSA+SHA512";
    const ask = async (listening: net.Server): Promise<(tls.TLSSocket | TlsSocket)[]> => {
      const seen = once(listening, "secureConnection") as Promise<[tls.TLSSocket | TlsSocket]>;
      const port = await portOf(listening);
      const client = tls.connect({
        port,
        host: "127.0.0.1",
        ca: ca.pem,
        servername: "localhost",
        sigalgs,
      });
      await once(client, "secureConnect");
      return [(await seen)[0], client];
    };
    const node = tls.createServer({ ...serverPem, minVersion: "TLSv1.3", honorCipherOrder: false });
    const ours = createServer({ ...quick, ...serverPem });
    const [theirs, mine] = [await ask(node), await ask(ours)];
    expect(mine[0]!.getSharedSigalgs().toSorted()).toEqual(
      theirs[0]!.getSharedSigalgs().toSorted(),
    );
    expect(mine[0]!.getSharedSigalgs().slice(0, 2)).toEqual(["Ed25519+UNDEF", "ECDSA+SHA256"]);
    const client = await connected((ours.address() as net.AddressInfo).port);
    expect([client.getSharedSigalgs(), theirs[1]!.getSharedSigalgs()]).toEqual([[], []]);
    for (const socket of [...theirs, ...mine, client]) socket.destroy();
    await Promise.all([closed(node), closed(ours)]);
  });

  it("setMaxSendFragment limits records, before and after the connection is there", async () => {
    const sizes: number[] = [];
    const observer: Observer = {
      record: (direction, { type, contentLength }) => {
        if (direction === "sent" && type === 23) sizes.push(contentLength);
      },
    };
    await withServer({}, async (port, server) => {
      server.on("secureConnection", (each) => each.resume());
      const socket = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, observer });
      expect([511, 16_385, 600.5].map((size) => socket.setMaxSendFragment(size))).toEqual([
        false,
        false,
        false,
      ]);
      expect(socket.setMaxSendFragment(512)).toBe(true);
      await once(socket, "secureConnect");
      await new Promise((resolve) => socket.write(Buffer.alloc(1000), resolve));
      expect(sizes.splice(0)).toEqual([512, 488]);
      expect(socket.setMaxSendFragment()).toBe(true);
      await new Promise((resolve) => socket.write(Buffer.alloc(1000), resolve));
      expect(sizes).toEqual([1000]);
      socket.destroy();
    });
  });

  it("pending and readyState follow the connection, and resetAndDestroy resets it", async () => {
    await withServer({}, async (port, server) => {
      const failures: (string | undefined)[] = [];
      server.on("secureConnection", (socket) =>
        socket.on("error", ({ code }) => failures.push(code)),
      );
      const socket = connect(port, "127.0.0.1", { ...quick, ca: ca.pem });
      expect([socket.pending, socket.readyState]).toEqual([true, "opening"]);
      await once(socket, "secureConnect");
      expect([socket.pending, socket.readyState]).toEqual([false, "open"]);
      socket.resetAndDestroy();
      expect(socket.readyState).toBe("closed");
      await expect.poll(() => failures).toEqual(["ECONNRESET"]);
    });
  });

  it("new TlsSocket(stream, { isServer: true }) is a server's end", async () => {
    const listening = net.createServer((stream) => {
      const socket = new TlsSocket(stream, { isServer: true, ...quick, ...serverPem });
      socket.once("secure", () => socket.end(String(socket.servername)));
    });
    const port = await portOf(listening);
    const client = await connected(port, { servername: "localhost" });
    expect(String((await once(client, "data"))[0])).toBe("localhost");
    client.destroy();
    await closed(listening);
    const stream = new net.Socket();
    const make = (options: object) => () => new TlsSocket(stream, options as never);
    expect(make({ isServer: false })).toThrow(/can only be true; call connect\(\{ socket \}\)/);
    expect(make({})).toThrow(/TlsSocket lacks isServer; call connect\(\{ socket \}\)/);
    expect(make(undefined as never)).toThrow(/TlsSocket takes an object of options/);
    expect(make({ isServer: true, ...serverPem, cihpers: "x" })).toThrow(/no option cihpers/);
  });

  it("ALPNCallback chooses, and refuses by undefined", async () => {
    const asked: unknown[] = [];
    const ALPNCallback = (offered: { protocols: readonly string[]; servername: string }) => {
      asked.push(offered);
      return offered.protocols.find((name) => name.startsWith("b"));
    };
    await withServer({ ALPNCallback }, async (port) => {
      const options = { servername: "localhost", alpn: ["a", "bc"] };
      const socket = await connected(port, options);
      expect(socket.alpnProtocol).toBe("bc");
      expect(asked).toEqual([{ protocols: ["a", "bc"], servername: "localhost" }]);
      socket.destroy();
      const without = await connected(port, {});
      expect([without.alpnProtocol, asked.length]).toEqual([false, 1]);
      without.destroy();
      const refused = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, alpn: ["a"] });
      const [error] = (await once(refused, "error")) as [object];
      expect(error).toMatchObject({
        code: "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
        reason: "peer_alert",
      });
    });
    await withServer({ ALPNCallback: () => "zz" }, async (port, server) => {
      const failed = once(server, "tlsClientError");
      const socket = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, alpn: ["a"] });
      socket.on("error", () => {});
      expect((await failed)[0]).toMatchObject({ reason: "misuse" });
    });
    expect(() => createServer({ ...serverPem, ALPNCallback, alpn: ["a"] })).toThrow(/say the same/);
  });

  it("addContext says who answers for a name, and setSecureContext replaces the rest", async () => {
    const other = ca.issue({ names: ["a.example", "*.b.example"] });
    const pem = { cert: other.certificatePem, key: other.privateKeyPem };
    await withServer({}, async (port, server) => {
      const nameFor = async (servername: string) => {
        const socket = await connected(port, { servername, checkServerIdentity: () => undefined });
        const { subject } = socket.getPeerX509Certificate()!;
        socket.destroy();
        return subject;
      };
      server.addContext("A.example", pem);
      server.addContext("*.b.example", createServerContext(pem));
      expect(await nameFor("a.example")).toBe("CN=a.example");
      expect(await nameFor("x.b.example")).toBe("CN=a.example");
      expect(await nameFor("x.y.b.example")).toBe("CN=localhost");
      expect(await nameFor("localhost")).toBe("CN=localhost");
      const fresh = ca.issue({ names: ["fresh.example"] });
      server.setSecureContext({ cert: fresh.certificatePem, key: fresh.privateKeyPem });
      expect(await nameFor("localhost")).toBe("CN=fresh.example");
      expect(await nameFor("a.example")).toBe("CN=a.example");
      expect(() => server.addContext("a b", pem)).toThrow(/is not a host name/);
      expect(() => server.addContext("a.example", { ...pem, alpn: ["x"] })).toThrow(/alpn/);
    });
    const secureContext = createServerContext(serverPem);
    expect(() => createServer({ secureContext }).addContext("a.example", pem)).toThrow(
      /also for others/,
    );
  });
});

describe("as in node:https", () => {
  it("servers have what a TLS server has, and refuse what that refuses", () => {
    const servers = {
      HttpsServer: createHttpsServer(serverPem),
      Http2Server: createHttp2Server(serverPem),
    };
    for (const [who, server] of Object.entries(servers)) {
      for (const [name, fate] of Object.entries(serverMembers)) {
        if (!("instead" in fate)) expect([who, name, name in server]).toEqual([who, name, true]);
        else
          expect(methodOf(server, name)).toThrow(`${who}: ${name}() is not there; ${fate.instead}`);
      }
      const emitter: EventEmitter = server;
      expect(() => emitter.on("OCSPRequest", () => {})).toThrow(
        `${who}: the event OCSPRequest never comes; ${(events["OCSPRequest"] as { instead: string }).instead}`,
      );
    }
  });

  it("servers answer for names that were added, and tell of keys and of failed handshakes", async () => {
    const server = createHttpsServer({ ...quick, ...serverPem }, (_, response) => response.end());
    const other = ca.issue({ names: ["a.example"] });
    server.addContext("a.example", { cert: other.certificatePem, key: other.privateKeyPem });
    const lines: string[] = [];
    server.on("keylog", (line, socket) => lines.push(`${socket.encrypted} ${String(line)}`));
    const failures: unknown[] = [];
    server.on("clientError", (error: Error, failed: Duplex) => {
      failures.push(error);
      failed.destroy();
    });
    const port = await portOf(server);
    const socket = await connected(port, { servername: "a.example" });
    expect(socket.getPeerX509Certificate()?.subject).toBe("CN=a.example");
    await expect.poll(() => lines.length).toBeGreaterThanOrEqual(5);
    expect(lines[0]).toMatch(/^true \w+_SECRET(_0)? /);
    socket.destroy();
    const failing = connect(port, "127.0.0.1", { ...quick, ca: [] });
    failing.on("error", () => {});
    await expect
      .poll(() => failures.map((error) => tlsErrorOf(error)?.code))
      .toContain("peer_alert");
    server.closeAllConnections();
    await closed(server);
  });

  const get = (port: number, options: https.RequestOptions) =>
    new Promise<string>((resolve, reject) => {
      const request = https.get({ host: "localhost", port, ...options }, (response) => {
        response.resume().once("end", () => resolve(String(response.statusCode)));
      });
      request.once("error", reject);
    });

  it("a request has ca, cert, key and rejectUnauthorized of its own, and shares no connection with others", async () => {
    const names: unknown[] = [];
    const server = createHttpsServer(
      { ...quick, ...serverPem, requestCert: true, rejectUnauthorized: false, ca: ca.pem },
      ({ socket }, response) => {
        names.push((socket as unknown as TlsSocket).negotiated?.peer?.chain[0]?.subject.text);
        response.end();
      },
    );
    const port = await portOf(server);
    const agent = new HttpsAgent({ keepAlive: true });
    expect(await get(port, { agent, ca: ca.pem })).toBe("200");
    expect(await get(port, { agent, ca: ca.pem, ...clientPem })).toBe("200");
    expect(await get(port, { agent, ca: Buffer.from(ca.pem) })).toBe("200");
    expect(await get(port, { agent, rejectUnauthorized: false })).toBe("200");
    expect(names).toEqual([undefined, "CN=client.example", undefined, undefined]);
    await expect(get(port, { agent })).rejects.toMatchObject({
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
    expect(() => https.get({ host: "localhost", port, agent, ciphers: "x" } as never)).toThrow(
      /ciphers is not taken; write `suites/,
    );
    agent.destroy();
    server.closeAllConnections();
    await closed(server);
  });

  it("update reaches connections of such requests, but not what they said themselves", async () => {
    const server = createHttpsServer({ ...quick, ...serverPem }, (_, response) => response.end());
    const port = await portOf(server);
    const agent = new HttpsAgent({ keepAlive: true });
    expect(await get(port, { agent, ca: ca.pem })).toBe("200");
    agent.update({ authorize: () => ({ allowed: false, reason: "no more" }) as never });
    await expect(get(port, { agent, ca: ca.pem })).rejects.toMatchObject({
      reason: "access_denied",
    });
    agent.destroy();
    server.closeAllConnections();
    await closed(server);
  });

  it("createHttpsServer and HttpsAgent offer http/1.1 by ALPN, unless they are told otherwise", async () => {
    for (const [options, expected] of [
      [{}, "http/1.1"],
      [{ ALPNProtocols: ["x"] }, "x"],
    ] as const) {
      const server = createHttpsServer({ ...quick, ...serverPem, ...options }, (_, response) =>
        response.end(),
      );
      const port = await portOf(server);
      const seen = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const agent = new HttpsAgent({ ca: ca.pem, ...options });
      await get(port, { agent });
      expect((await seen)[0].alpnProtocol).toBe(expected);
      server.closeAllConnections();
      await closed(server);
    }
  });
});

describe("as in node:http2", () => {
  it("a server over ours speaks h2 by ALPN, and its sessions say what was negotiated", async () => {
    const sessions: NegotiatedSession[] = [];
    const server = createHttp2Server({ ...quick, ...serverPem }, (request, response) => {
      response.end(`hello ${request.url}`);
    });
    server.on("session", (session) => sessions.push(session as NegotiatedSession));
    const port = await portOf(server);
    const client = http2.connect(`https://localhost:${port}`, {
      createConnection: () => connect({ host: "localhost", port, ca: ca.pem, alpn: ["h2"] }),
    });
    const stream = client.request({ ":path": "/x" });
    let body = "";
    for await (const chunk of stream) body += String(chunk);
    expect(body).toBe("hello /x");
    expect(sessions[0]!.encrypted).toBe(true);
    expect(sessions[0]!.negotiated).toMatchObject({ alpn: "h2", group: "x25519" });
    client.close();
    const other = connect({ host: "localhost", port, ca: ca.pem, alpn: ["http/1.1"] });
    expect((await once(other, "error"))[0]).toMatchObject({ reason: "peer_alert" });
    server.close();
    expect(() => createHttp2Server({ ...serverPem, allowHTTP1: true } as never)).toThrow(
      /createHttpsServer/,
    );
  });
});
