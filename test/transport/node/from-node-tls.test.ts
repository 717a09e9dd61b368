/** All that Node's own types say of `node:tls`, `node:https` and `net.Socket` has a row in docs/from-node-tls.md, and it is true. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import * as http2 from "node:http2";
import * as https from "node:https";
import * as net from "node:net";
import { join } from "node:path";
import * as tls from "node:tls";
import { parseSync, Visitor } from "oxc-parser";
import { describe, expect, it } from "vitest";
import type { OfferedPsk } from "../../../src/index.ts";
import {
  connect,
  createHttp2Server,
  createHttpsServer,
  createServer,
  createServerContext,
  HttpsAgent,
  type NegotiatedSession,
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
    const internal = /\.(default|SecureContext|convertALPNProtocols|(get|set)\w*Certificat\w+)$/;
    expect(Object.keys(functions).toSorted()).toEqual(
      exported.filter((name) => !internal.test(name)).toSorted(),
    );
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
        const emitter = name === "OCSPResponse" ? socket : server;
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
        expect(() => connect({ port, session: wrong })).toThrow(/no session of kemistry/);
      }
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
    expect(make({ isServer: true, ...serverPem, cihpers: "x" })).toThrow(/no option cihpers/);
  });

  it("errors have Node's code beside ours", async () => {
    const theirs = tls.createServer(serverPem).listen(0);
    await once(theirs, "listening");
    const { port } = theirs.address() as net.AddressInfo;
    for (const [options, code, nodeCode] of [
      [{}, "unknown_ca", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
      [{ ca: ca.pem, servername: "other.example" }, "wrong_name", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ] as const) {
      const place = { port, host: "localhost" };
      const [ours] = (await once(connect({ ...place, ...options }), "error")) as [object];
      expect(ours).toMatchObject({ code, nodeCode });
      const [node] = (await once(tls.connect({ ...place, ...options }), "error")) as [object];
      expect(node).toMatchObject({ code: nodeCode });
    }
    theirs.close();
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
        code: "peer_alert",
        nodeCode: "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
      });
    });
    await withServer({ ALPNCallback: () => "zz" }, async (port, server) => {
      const failed = once(server, "tlsClientError");
      const socket = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, alpn: ["a"] });
      socket.on("error", () => {});
      expect((await failed)[0]).toMatchObject({ code: "misuse" });
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
      expect(() => server.addContext("a b", pem)).toThrow(/is no host name/);
      expect(() => server.addContext("a.example", { ...pem, alpn: ["x"] })).toThrow(/alpn/);
    });
    const secureContext = createServerContext(serverPem);
    expect(() => createServer({ secureContext }).addContext("a.example", pem)).toThrow(
      /also for others/,
    );
  });
});

describe("as in node:https", () => {
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
    await expect(get(port, { agent })).rejects.toMatchObject({ code: "unknown_ca" });
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
    await expect(get(port, { agent, ca: ca.pem })).rejects.toMatchObject({ code: "access_denied" });
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
    expect((await once(other, "error"))[0]).toMatchObject({ code: "peer_alert" });
    server.close();
    expect(() => createHttp2Server({ ...serverPem, allowHTTP1: true } as never)).toThrow(
      /createHttpsServer/,
    );
  });
});
