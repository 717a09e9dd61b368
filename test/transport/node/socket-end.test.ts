/** Every way in which a peer may go, and what is told of it: what node:tls tells, side by side where it can be. */
import { once } from "node:events";
import * as https from "node:https";
import type * as net from "node:net";
import type { Duplex } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import * as tls from "node:tls";
import { describe, expect, it } from "vitest";
import {
  createDevelopmentCa,
  type OfferedPsk,
  type PeerIdentity,
  TlsError,
} from "../../../src/index.ts";
import { createServer, HttpsAgent, native, type TlsSocket } from "../../../src/node.ts";
import { suiteByCode } from "../../../src/crypto/index.ts";
import { Secrets, WayKeys } from "../../../src/lab/trace/keys.ts";
import { openRawClient, rawClient, type RawPeer, withRawServer } from "./raw-peer.ts";
import {
  ca,
  clientPem,
  closed,
  connected,
  duplexPair,
  portOf,
  quick,
  serverPem,
  withServer,
} from "./support.ts";

/** How a peer goes that has sent something which nobody has read. */
const departures: Readonly<Record<string, (peer: RawPeer) => Promise<void>>> = {
  "a reset": async ({ socket }) => void socket.resetAndDestroy(),
  "a fatal alert": async (peer) => {
    peer.engine.abort(new TlsError("access_denied", "no"));
    await peer.send();
    peer.socket.end();
  },
  "a bad record": async ({ socket }) => {
    socket.end(Buffer.concat([Buffer.from([23, 3, 3, 0, 32]), Buffer.alloc(32)]));
  },
  "an end without close_notify": async ({ socket }) => void socket.end(),
};

/** What both have in common. */
type Either = TlsSocket | tls.TLSSocket;

interface Told {
  readonly events: string[];
  readonly codes: (string | undefined)[];
  written: number;
  readonly socket: Either;
}

/** Listens to a socket that is not read, and writes to it as often as told. */
function listenTo(socket: Either, writes: number): Told {
  const told: Told = { events: [], codes: [], written: 0, socket };
  for (const event of ["end", "error", "close"]) {
    socket.on(event, (error?: { readonly code?: string }) => {
      told.events.push(event);
      if (event === "error") told.codes.push(error?.code);
    });
  }
  for (let i = 0; i < writes; i++) socket.write(Buffer.alloc(1_000_000), () => told.written++);
  return told;
}

const servers = {
  ours: (serve: (socket: Either) => void): net.Server =>
    createServer({ ...quick, ...serverPem }, serve),
  "node:tls": (serve: (socket: Either) => void): net.Server =>
    tls.createServer({ ...serverPem, minVersion: "TLSv1.3" }, serve),
};

/** Lets a client go in some way from a server whose application does not read, and says what that was told. */
async function tellsOf(
  kind: keyof typeof servers,
  departure: (peer: RawPeer) => Promise<void>,
  writes: number,
): Promise<Told> {
  const server = servers[kind]((socket) => server.emit("served", listenTo(socket, writes)));
  const port = await portOf(server);
  const served = once(server, "served") as Promise<[Told]>;
  const peer = await openRawClient(port);
  if (writes > 0) peer.socket.removeAllListeners("data").pause();
  peer.engine.write(Buffer.from("unread"));
  await peer.send();
  const [told] = await served;
  await sleep(50);
  await departure(peer);
  // node:tls says `error`, and keeps the socket while something is unread
  const last = kind === "ours" ? "close" : "error";
  while (!told.events.includes(last)) await sleep(5);
  await sleep(50);
  told.socket.destroy();
  peer.socket.destroy();
  await closed(server);
  return told;
}

const untilClosed = (stream: Duplex): Promise<unknown> => finished(stream).catch(() => {});

describe("a peer that goes while something is unread", () => {
  it.each(["a reset", "a fatal alert", "a bad record"])("by %s", async (how) => {
    const ours = await tellsOf("ours", departures[how]!, 0);
    expect(ours.events).toEqual(["error", "close"]);
    expect((await tellsOf("node:tls", departures[how]!, 0)).events[0]).toBe("error");
  });

  it("by an end without close_notify, which leaves time to read and no more", async () => {
    const { events, codes } = await tellsOf("ours", departures["an end without close_notify"]!, 0);
    expect(events).toEqual(["error", "close"]);
    expect(codes).toEqual(["ECONNRESET"]);
  });

  it.each(["a reset", "a fatal alert", "a bad record"])(
    "and written: every callback is called after %s",
    async (how) => {
      const ours = await tellsOf("ours", departures[how]!, 40);
      expect(ours.events).toEqual(["error", "close"]);
      expect(ours.written).toBe(40);
    },
  );

  it("as node:tls does after a reset", async () => {
    const theirs = await tellsOf("node:tls", departures["a reset"]!, 40);
    expect([theirs.events, theirs.written]).toEqual([["error", "close"], 40]);
  });
});

describe("a socket whose transport is gone", () => {
  it("fails what is written later, and ends all the same", async () => {
    const server = createServer({ ...quick, ...serverPem, allowHalfOpen: true });
    const [left, right] = duplexPair();
    const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
    server.emit("connection", right);
    const client = await overTransport(left);
    const [socket] = await accepted;
    client.end();
    socket.resume();
    await once(socket, "end");
    right.destroy();
    await once(right, "close");
    const told = new Promise((resolve) => socket.write("too late", resolve));
    socket.on("error", () => {});
    expect(await told).toMatchObject({ reason: "canceled" });
    await untilClosed(socket);
    expect(socket.closed).toBe(true);
  });

  it("is closed when it ends after the peer has", async () => {
    const server = createServer({ ...quick, ...serverPem, allowHalfOpen: true });
    const [left, right] = duplexPair();
    const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
    server.emit("connection", right);
    const client = await overTransport(left);
    const [socket] = await accepted;
    client.end();
    socket.resume();
    await once(socket, "end");
    right.destroy();
    await once(right, "close");
    socket.on("error", () => expect.unreachable());
    socket.end();
    await once(socket, "close");
  });
});

async function overTransport(transport: Duplex): Promise<TlsSocket> {
  return connected(0, { socket: transport, servername: "localhost" });
}

describe("every way out of a handshake gives its slot back", () => {
  const early = Buffer.from("GET / HTTP/1.1\r\n\r\n");
  const endings: Readonly<Record<string, (peer: RawPeer) => void>> = {
    "a reset": ({ socket }) => void socket.resetAndDestroy(),
    "an end": ({ socket }) => void socket.end(),
    "an alert": (peer) => {
      peer.engine.abort();
      void peer.send();
    },
    "a bad record": ({ socket }) => void socket.write(Buffer.from([99, 3, 3, 0, 1, 0])),
    "silence until the timeout": () => {},
  };

  it.each(Object.keys(endings))("after early data: %s", async (how) => {
    const options = { earlyData: true, handshakeTimeout: 300 } as const;
    await withServer(options, async (port, server) => {
      const session = await sessionOf(port);
      const failures: unknown[] = [];
      server.on("tlsClientError", (error) => failures.push(error));
      const peers = await Promise.all(
        Array.from({ length: 8 }, () => halfDead(port, session, early)),
      );
      expect(server.pendingHandshakes).toBe(8);
      for (const peer of peers) endings[how]!(peer);
      while (failures.length < 8) await once(server, "tlsClientError");
      await sleep(20);
      expect(server.pendingHandshakes).toBe(0);
      for (const { socket } of peers) socket.destroy();
    });
  });

  it("and the listener of a key log that destroys the socket is one of them", async () => {
    await withServer({}, async (port, server) => {
      const transports: net.Socket[] = [];
      server.on("connection", (transport: net.Socket) => transports.push(transport));
      server.on("keylog", (_line, socket: TlsSocket) => socket.destroy());
      const { socket, send } = await rawClient(port);
      socket.resume();
      await send();
      await once(socket, "end");
      expect(server.pendingHandshakes).toBe(0);
      expect(transports.map(({ destroyed }) => destroyed)).toEqual([true]);
    });
  });
});

async function sessionOf(port: number): Promise<OfferedPsk> {
  const client = await connected(port, { servername: "localhost" });
  const [session] = (await once(client, "session")) as [OfferedPsk];
  client.destroy();
  return session;
}

/** Early data has been sent, the server has answered, and there will be no Finished. */
async function halfDead(port: number, session: OfferedPsk, early: Uint8Array): Promise<RawPeer> {
  const peer = await rawClient(port, { psks: [session], earlyData: "safe-to-replay" });
  peer.engine.write(early);
  await peer.send();
  await once(peer.socket, "data");
  return peer;
}

describe("a peer that refuses us while we write", () => {
  it.each(["write", "end"] as const)("is heard: %s", async (act) => {
    await withRawServer({}, async (port, arriving) => {
      const client = await connected(port);
      const peer = await arriving;
      while (peer.engine.state !== "open") await once(peer.socket, "data");
      peer.engine.abort(new TlsError("access_denied", "not you"));
      const failure = once(client, "error") as Promise<[TlsError]>;
      // Behind the alert a reset: our next write finds a socket that is broken already
      await peer.send();
      peer.socket.resetAndDestroy();
      client[act](Buffer.alloc(100_000));
      const [error] = await failure;
      expect(error).toMatchObject({ reason: "peer_alert" });
      expect(error.message).toContain("access_denied");
    });
  });

  it("is heard by one who writes much and reads nothing", async () => {
    await withRawServer({}, async (port, arriving) => {
      const client = await connected(port);
      const peer = await arriving;
      while (peer.engine.state !== "open") await once(peer.socket, "data");
      peer.socket.removeAllListeners("data").pause();
      client.pause();
      const told = Promise.all(
        Array.from({ length: 20 }, () => {
          return new Promise((resolve) => client.write(Buffer.alloc(500_000), resolve));
        }),
      );
      const failure = once(client, "error") as Promise<[TlsError]>;
      await sleep(30);
      peer.engine.abort(new TlsError("access_denied", "not you"));
      await peer.send();
      peer.socket.resetAndDestroy();
      expect((await failure)[0]).toMatchObject({ reason: "peer_alert" });
      expect(await told).toHaveLength(20);
    });
  });

  it("without an alert is told as the transport tells it", async () => {
    await withRawServer({}, async (port, arriving) => {
      const client = await connected(port);
      const peer = await arriving;
      while (peer.engine.state !== "open") await once(peer.socket, "data");
      const failure = once(client, "error") as Promise<[TlsError]>;
      peer.socket.resetAndDestroy();
      client.write("?");
      expect((await failure)[0].code).toMatch(/^(EPIPE|ECONNRESET)$/);
    });
  });
});

describe("after our own close", () => {
  const cutOff = async (
    use: (client: TlsSocket, peer: RawPeer) => Promise<void>,
    before = "",
  ): Promise<void> =>
    withRawServer({}, async (port, arriving) => {
      const client = await connected(port);
      const peer = await arriving;
      while (peer.engine.state !== "open") await once(peer.socket, "data");
      if (before !== "") {
        peer.engine.write(Buffer.from(before));
        await peer.send();
      }
      await use(client, peer);
    });

  // RFC 9846 §6.1
  it("a peer that just closes is no error, and no `end` either", async () => {
    await cutOff(async (client, peer) => {
      const told: string[] = [];
      for (const event of ["end", "error", "close"]) client.on(event, () => told.push(event));
      client.resume().end("goodbye");
      await once(peer.socket, "data");
      peer.socket.end();
      await once(client, "close");
      expect(told).toEqual(["close"]);
    });
  });

  it("who awaits an answer knows that it was cut", async () => {
    await cutOff(async (client, peer) => {
      client.end("a question");
      setTimeout(() => peer.socket.end(), 50);
      let text = "";
      const reading = (async () => {
        for await (const chunk of client) text += String(chunk);
      })();
      await expect(reading).rejects.toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" });
      expect(text).toBe("half an answ");
    }, "half an answ");
  });

  it("without it the end is an error, after what came before", async () => {
    await cutOff(async (client, peer) => {
      peer.socket.end();
      await sleep(50);
      const chunks: unknown[] = [];
      const reading = pipeline(client, async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) chunks.push(String(chunk));
      });
      await expect(reading).rejects.toMatchObject({ reason: "truncated" });
      expect(chunks).toEqual(["half an answ"]);
    }, "half an answ");
  });
});

// RFC 9112 §9.8
describe("an HTTP response whose connection ends without close_notify", () => {
  const answers = {
    "is whole if its length is known": [
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nall",
      undefined,
    ],
    "is an error if its end is the connection's": ["HTTP/1.0 200 OK\r\n\r\nall", "ECONNRESET"],
    "is an error if some is missing": [
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nall",
      "ECONNRESET",
    ],
  } as const;

  it.each(Object.keys(answers) as (keyof typeof answers)[])("%s", async (name) => {
    const [answer, code] = answers[name];
    await withRawServer({}, async (port, arriving) => {
      const serve = async (): Promise<void> => {
        const peer = await arriving;
        while (!peer.engine.takeEvents().some(({ type }) => type === "data")) {
          await once(peer.socket, "data");
        }
        peer.engine.write(Buffer.from(answer));
        await peer.send();
        peer.socket.end();
      };
      void serve();
      const agent = new HttpsAgent({ ...quick, ca: ca.pem });
      const told = await new Promise<{ text: string; error?: Error & { code?: string } }>(
        (resolve) => {
          let text = "";
          const request = https.get({ agent, host: "127.0.0.1", port }, (response) => {
            response.on("data", (chunk) => (text += String(chunk)));
            response.on("error", () => {});
            response.on("close", () => setTimeout(() => resolve({ text }), 30));
          });
          request.on("error", (error) => resolve({ text, error }));
        },
      );
      expect([told.text, told.error?.code]).toEqual(["all", code]);
    });
  });
});

describe("answers that nobody takes", () => {
  it("are none, however many KeyUpdates are asked for", async () => {
    await withServer({}, async (port, server) => {
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const transports = once(server, "connection") as Promise<[net.Socket]>;
      const secrets = new Secrets();
      let random = "";
      const peer = await openRawClient(port, {
        suites: ["TLS_AES_128_GCM_SHA256"],
        keyLog(line) {
          random = line.split(" ")[1]!;
          secrets.add("client", line);
        },
      });
      const keys = new WayKeys(native);
      keys.install(
        suiteByCode(0x1301)!,
        secrets.find(
          { end: "client", epoch: "application", sender: "client" },
          { client: random },
        )!,
      );
      const [socket] = await accepted;
      const [transport] = await transports;
      const received: number[] = [];
      socket.on("data", (chunk: Buffer) => received.push(...chunk));
      // From here on the peer reads nothing, and we have so much to say that no buffer takes it
      peer.socket.removeAllListeners("data").pause();
      socket.write(Buffer.alloc(40_000_000));
      await sleep(50);
      const before = transport.writableLength;
      expect(before).toBeGreaterThan(0);
      for (let i = 0; i < 2000; i++) {
        // §4.7.3: update_requested, again and again, with data between
        peer.socket.write(keys.seal(Uint8Array.of(24, 0, 0, 1, 1), Uint8Array.of(22))!);
        keys.update();
        peer.socket.write(keys.seal(Uint8Array.of(1), Uint8Array.of(23))!);
      }
      while (received.length < 2000) await sleep(5);
      expect(socket.connection?.state).toBe("open");
      expect(transport.writableLength).toBe(before);
      peer.socket.destroy();
    });
  });

  it("wait in the engine, such as those to a server that asks for certificates", async () => {
    const [left, right] = duplexPair();
    const server = createServer({
      ...quick,
      ...serverPem,
      clientAuthentication: "none",
      ca: ca.pem,
    });
    const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
    server.emit("connection", right);
    const client = await connected(0, {
      socket: left,
      servername: "localhost",
      postHandshakeAuthentication: true,
      ...clientPem,
    });
    const [socket] = await accepted;
    // The server's transport is not read, so that ours takes no more
    right.pause();
    client.write(Buffer.alloc(100_000));
    await sleep(10);
    const before = left.writableLength;
    expect(left.writableNeedDrain).toBe(true);
    for (let i = 0; i < 3; i++) socket.requestCertificate();
    await sleep(50);
    expect(left.writableLength).toBe(before);
    const answers = Promise.all([once(socket, "peer"), once(socket.resume(), "data")]);
    right.resume();
    const [[peer]] = await answers;
    expect((peer as PeerIdentity).chain[0]?.subject.text).toBe("CN=client.example");
    client.destroy();
    socket.destroy();
  });
});

it("development certificates of another authority are still refused", async () => {
  const other = createDevelopmentCa({ provider: native, now: Date.now() });
  await withServer({}, async (port) => {
    const failure = connected(port, { ca: other.pem });
    await expect(failure).rejects.toMatchObject({ reason: "unknown_ca" });
  });
});
