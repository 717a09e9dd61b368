import { once } from "node:events";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  createCredential,
  MemoryReplayGuard,
  noble,
  sealedTickets,
  type Signer,
  TicketKeys,
  TlsError,
} from "../../../src/index.ts";
import {
  connect,
  createSecureContext,
  createServer,
  native,
  type TlsServer,
  type TlsSocket,
  tlsErrorOf,
  type TlsSocketError,
} from "../../../src/node.ts";
import { rawClient } from "./raw-peer.ts";
import {
  ca,
  clientPem,
  closed,
  connected,
  failureOf,
  quick,
  readAll,
  serverPem,
  withServer,
} from "./support.ts";

const clientError = async (server: TlsServer): Promise<[TlsSocketError, TlsSocket]> =>
  (await once(server, "tlsClientError")) as [TlsSocketError, TlsSocket];

/** A connection without TLS. */
async function plain(port: number): Promise<net.Socket> {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

describe("a server", () => {
  it("is a net.Server, whose sockets come when the handshake is over", async () => {
    await withServer({ alpn: ["http/1.1", "echo"] }, async (port, server) => {
      expect(server).toBeInstanceOf(net.Server);
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const client = await connected(port, { alpn: ["echo"], servername: "localhost" });
      const [socket] = await accepted;
      expect(socket.negotiated?.backends.aead).toBe(native.aeads["aes-128-gcm"].backend);
      expect([client.alpnProtocol, socket.alpnProtocol, socket.servername]).toEqual([
        "echo",
        "echo",
        "localhost",
      ]);
      expect(server.pendingHandshakes).toBe(0);
      client.destroy();
    });
  });

  it("tells what is wrong with its options when it is made", () => {
    expect(() => createServer({})).toThrow(/a server needs `credentials`/);
    expect(() => createServer({ cert: serverPem.cert })).toThrow(/`cert` and `key` go together/);
    expect(() => createServer({ ...serverPem, key: clientPem.key })).toThrow(TlsError);
    expect(() => createServer({ ...serverPem, groups: ["X25519MLKEM769"] })).toThrow(RangeError);
    expect(() => createServer({ ...serverPem, clientAuthentication: "require" })).toThrow(/trust/);
  });

  it("takes certificates and keys as files hold them", async () => {
    const pem = { cert: Buffer.from(serverPem.cert), key: Buffer.from(serverPem.key) };
    await withServer({ ...pem, provider: noble }, async (port) => {
      const client = await connected(port, { ca: [Buffer.from(ca.pem)] });
      expect(client.authorized).toBe(true);
      client.destroy();
    });
  });

  it("gives key log lines with the socket that they belong to", async () => {
    await withServer({}, async (port, server) => {
      const logged = once(server, "keylog") as Promise<[Buffer, TlsSocket]>;
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const client = await connected(port);
      const [line, socket] = await logged;
      expect(String(line)).toMatch(
        /^CLIENT_HANDSHAKE_TRAFFIC_SECRET [0-9a-f]{64} [0-9a-f]{64,}\n$/,
      );
      expect(socket).toBe((await accepted)[0]);
      client.destroy();
    });
  });

  it("listens on Unix domain sockets too", async () => {
    const path = join(tmpdir(), `kemistry-test-${process.pid}.sock`);
    const server = createServer({ ...quick, ...serverPem }, (socket) => socket.end("hello"));
    server.listen(path);
    await once(server, "listening");
    const client = connect(path, { ...quick, ca: ca.pem });
    expect((await readAll(client)).toString()).toBe("hello");
    await closed(server);
  });
});

describe("client certificates", () => {
  const mutual = { clientAuthentication: "require", ca: ca.pem } as const;

  it("are verified, and their owner is known", async () => {
    await withServer(mutual, async (port, server) => {
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const client = await connected(port, clientPem);
      const [socket] = await accepted;
      expect(socket.authorized).toBe(true);
      expect(socket.getPeerCertificate()).toMatchObject({ subject: { CN: "client.example" } });
      client.destroy();
    });
  });

  it("are missed where they are required", async () => {
    await withServer(mutual, async (port, server) => {
      const refused = clientError(server);
      const client = await connected(port);
      expect(await failureOf(client)).toMatchObject({ reason: "peer_alert" });
      const [error, socket] = await refused;
      expect(error.reason).toBe("certificate_required");
      expect(socket.destroyed).toBe(true);
    });
  });

  it("may be wrong where the options say so", async () => {
    const stranger = { cert: serverPem.cert, key: serverPem.key };
    await withServer({ ...mutual, rejectUnauthorized: false }, async (port, server) => {
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const client = await connected(port, stranger);
      const [socket] = await accepted;
      expect(socket.authorized).toBe(false);
      expect(socket.authorizationError?.reason).toBe("unsupported_certificate");
      client.destroy();
    });
  });
});

describe("a client", () => {
  it("does not talk to a server that it cannot verify", async () => {
    await withServer({}, async (port, server) => {
      const refused = clientError(server);
      const client = connect(port, "127.0.0.1", quick);
      expect(await failureOf(client)).toMatchObject({ reason: "unknown_ca" });
      expect((await refused)[0]).toMatchObject({ reason: "peer_alert" });
      const other = connect(port, "127.0.0.1", {
        ...quick,
        ca: ca.pem,
        servername: "other.example",
      });
      expect(await failureOf(other)).toMatchObject({ reason: "wrong_name" });
    });
  });

  it("does so only if the options say so, and then knows what is wrong", async () => {
    await withServer({}, async (port) => {
      const client = connect({ port, host: "localhost", ...quick, rejectUnauthorized: false });
      await once(client, "secureConnect");
      expect(client.authorized).toBe(false);
      expect(client.authorizationError?.reason).toBe("unknown_ca");
      client.destroy();
    });
  });

  it("tells of a port where nobody listens", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    await closed(server);
    const client = connect(port, "127.0.0.1", { ...quick, ca: ca.pem });
    expect(client.connecting).toBe(true);
    expect(await failureOf(client)).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("tells what is wrong with its options at once", () => {
    expect(() => connect(1, { groups: ["none"] })).toThrow(RangeError);
    expect(() => connect(1, { ca: "no certificate" })).toThrow(TlsError);
  });

  it("connects from prepared options, and over a stream that is there", async () => {
    await withServer({}, async (port, server) => {
      server.on("secureConnection", (socket: TlsSocket) => socket.end(socket.servername || "none"));
      const secureContext = createSecureContext({ ...quick, ca: ca.pem });
      const socket = await plain(port);
      const client = connect({ socket, secureContext, servername: "localhost" });
      expect((await readAll(client)).toString()).toBe("localhost");
      const again = connect({ port, host: "127.0.0.1", secureContext });
      expect((await readAll(again)).toString()).toBe("none");
    });
  });

  it("ends as soon as it is told to by an AbortSignal", async () => {
    await withServer({}, async (port) => {
      const controller = new AbortController();
      const client = connect({ port, host: "127.0.0.1", ca: ca.pem, signal: controller.signal });
      const failure = failureOf(client);
      controller.abort();
      expect(await failure).toMatchObject({ name: "AbortError" });
    });
  });
});

describe("sessions", () => {
  it("are resumed", async () => {
    await withServer({ tickets: sealedTickets(new TicketKeys(native)) }, async (port) => {
      const first = await connected(port);
      const [session] = await once(first, "session");
      first.destroy();
      const second = await connected(port, { psks: [session] });
      expect(first.isSessionReused()).toBe(false);
      expect(second.isSessionReused()).toBe(true);
      expect(second.authorized).toBe(true);
      second.destroy();
    });
  });
});

describe("what is no TLS client", () => {
  it.each([
    ["an HTTP request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "unexpected_message"],
    ["noise", Buffer.alloc(100, 0xa5), "unexpected_message"],
    [
      "a record of random content",
      Buffer.from("160301002001000005" + "ff".repeat(28), "hex"),
      "malformed",
    ],
    ["a record that is too long", Buffer.from("1603014fff", "hex"), "record_overflow"],
    ["data before any handshake", Buffer.from("17030300021234", "hex"), "unexpected_message"],
    ["half a record", Buffer.from("160301020001", "hex"), "truncated"],
    ["nothing", "", "truncated"],
  ])("is refused: %s", async (_, bytes, code) => {
    await withServer({}, async (port, server) => {
      const refused = clientError(server);
      const socket = await plain(port);
      socket.end(bytes);
      const answer = await readAll(socket);
      const [error] = await refused;
      expect(tlsErrorOf(error)?.code).toBe(code);
      // A fatal alert in the clear, but for one who has hung up already
      expect([...answer.subarray(0, 6)]).toEqual(code === "truncated" ? [] : [21, 3, 3, 0, 2, 2]);
      expect(server.pendingHandshakes).toBe(0);
    });
  });

  it("loses its slot when it stalls", async () => {
    await withServer({ handshakeTimeout: 50 }, async (port, server) => {
      const refused = clientError(server);
      const socket = await plain(port);
      expect((await readAll(socket)).length).toBe(7);
      expect((await refused)[0].reason).toBe("timeout");
      expect(server.pendingHandshakes).toBe(0);
    });
  });

  it("costs nothing when it resets the connection", async () => {
    await withServer({}, async (port, server) => {
      const refused = clientError(server);
      const accepted = once(server, "connection") as Promise<[net.Socket]>;
      const socket = await plain(port);
      const [raw] = await accepted;
      const received = once(raw, "data");
      socket.write(Buffer.from("160301", "hex"));
      await received;
      socket.resetAndDestroy();
      expect((await refused)[0]).toMatchObject({ code: "ECONNRESET" });
      expect(server.pendingHandshakes).toBe(0);
    });
  });

  it("finds no slot when all have begun a handshake, and the others keep theirs", async () => {
    await withServer({ maxPendingHandshakes: 2 }, async (port, server) => {
      const begun = [await begin(port), await begin(port)];
      const dropped = once(server, "drop") as Promise<[net.DropArgument]>;
      const late = net.connect(port, "127.0.0.1");
      late.on("error", () => {});
      await once(late, "close");
      expect((await dropped)[0].remoteAddress).toBe("127.0.0.1");
      expect(server.pendingHandshakes).toBe(2);
      begun[0]?.destroy();
      await clientError(server);
      expect(server.pendingHandshakes).toBe(1);
      const client = await connected(port);
      expect(client.authorized).toBe(true);
      client.destroy();
      begun[1]?.destroy();
      await sleep(10);
    });
  });

  it("has to go when it is silent and others come who speak", async () => {
    await withServer({ maxPendingHandshakes: 8 }, async (port, server) => {
      const silent = await Promise.all(Array.from({ length: 8 }, () => plain(port)));
      // Half a ClientHello is not enough
      silent[0]!.write(Buffer.from("160301020001", "hex"));
      for (const socket of silent) socket.on("error", () => {});
      while (server.pendingHandshakes < 8) await sleep(5);
      const dropped: net.DropArgument[] = [];
      server.on("drop", (from: net.DropArgument) => dropped.push(from));
      for (let i = 0; i < 3; i++) {
        const accepted = once(server, "secureConnection");
        const client = await connected(port);
        await accepted;
        client.destroy();
      }
      const pending = server.pendingHandshakes;
      for (const socket of silent) socket.destroy();
      // Those who have spoken leave their slots: only the first needed that of another
      expect(pending).toBe(7);
      expect(dropped).toMatchObject([{ remoteAddress: "127.0.0.1", localPort: port }]);
    });
  });

  it("leaves slots to other addresses, if each has a share", async () => {
    await withServer({ maxPendingHandshakes: 8, maxPendingPerAddress: 2 }, async (port, server) => {
      const begun = [await begin(port), await begin(port)];
      const late = net.connect(port, "127.0.0.1");
      late.on("error", () => {});
      await once(late, "close");
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const elsewhere = await connected(port, { localAddress: "127.0.0.2" });
      const [{ remoteAddress }] = await accepted;
      const pending = server.pendingHandshakes;
      elsewhere.destroy();
      for (const socket of begun) socket.destroy();
      expect([remoteAddress, pending]).toEqual(["127.0.0.2", 2]);
      await sleep(10);
    });
  });
});

/** A connection whose ClientHello was answered, and who says no more. */
async function begin(port: number): Promise<net.Socket> {
  const { engine, socket, send } = await rawClient(port);
  await send();
  await once(socket, "data");
  expect(engine.state).toBe("handshaking");
  return socket;
}

describe("a signature that takes its time", () => {
  const forServer = createCredential({
    certificates: serverPem.cert,
    privateKey: serverPem.key,
    provider: native,
  });
  /** Waits for ever, unless it is told that nobody waits for it. */
  const slow = (asked: AbortSignal[]): Signer => ({
    ...forServer.signer,
    sign: (_scheme, _message, { signal } = {}) => {
      asked.push(signal!);
      return new Promise((_resolve, reject) => {
        signal!.addEventListener("abort", () => reject(signal!.reason as Error));
      });
    },
  });

  it.each([
    ["a reset", "ECONNRESET", (socket: net.Socket) => socket.resetAndDestroy()],
    ["an end before any Finished", "ECONNRESET", (socket: net.Socket) => socket.end()],
    ["the timeout", "ERR_TLS_HANDSHAKE_TIMEOUT", () => {}],
  ])("is canceled with its connection: %s", async (_, code, leave) => {
    const asked: AbortSignal[] = [];
    const credentials = [{ ...forServer, signer: slow(asked) }];
    await withServer({ credentials, handshakeTimeout: 400 }, async (port, server) => {
      const { socket, send } = await rawClient(port);
      await send();
      while (asked.length === 0) await sleep(5);
      expect([asked[0]!.aborted, server.pendingHandshakes]).toEqual([false, 1]);
      const refused = clientError(server);
      leave(socket);
      expect((await refused)[0].code).toBe(code);
      expect([asked[0]!.aborted, server.pendingHandshakes]).toEqual([true, 0]);
      socket.destroy();
    });
  });
});

describe("early data", () => {
  it("goes with the first flight, and again if the server did not take it", async () => {
    const options = {
      tickets: sealedTickets(new TicketKeys(native)),
      earlyData: { maxSize: 8, replayGuard: new MemoryReplayGuard() },
    };
    await withServer(options, async (port, server) => {
      server.on("secureConnection", (socket: TlsSocket) => socket.pipe(socket));
      const first = await connected(port);
      const [session] = await once(first, "session");
      first.destroy();
      const groups = { accepted: ["x25519"], retried: ["secp256r1", "x25519"] };
      for (const outcome of ["accepted", "retried"] as const) {
        const client = connect(port, "127.0.0.1", {
          groups: groups[outcome],
          shares: groups[outcome].slice(0, 1),
          ca: ca.pem,
          psks: [session],
          earlyData: "safe-to-replay",
        });
        client.end("more than eight bytes");
        expect((await readAll(client)).toString()).toBe("more than eight bytes");
        expect(client.negotiated?.earlyData).toBe(outcome);
      }
    });
  });
});
