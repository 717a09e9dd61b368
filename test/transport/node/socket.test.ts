import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  type ClientOptions,
  createClientConnection,
  createCredential,
  createServerConnection,
  createTrustStore,
  noble,
  type Observer,
} from "../../../src/index.ts";
import { TlsSocket, type TlsSocketOptions } from "../../../src/node.ts";
import {
  ca,
  connected,
  duplexPair,
  failureOf,
  quick,
  readAll,
  serverPem,
  withServer,
} from "./support.ts";

const trust = createTrustStore(ca.pem);
const credential = createCredential({
  certificates: serverPem.cert,
  privateKey: serverPem.key,
  provider: noble,
});

type Own = Omit<TlsSocketOptions, "createConnection">;

const clientOver = (transport: Duplex, options: Own = {}, more: Partial<ClientOptions> = {}) =>
  new TlsSocket(transport, {
    ...options,
    createConnection: (wiring) =>
      createClientConnection({ ...quick, trust, serverName: "localhost", ...more, ...wiring }),
  });

const serverOver = (transport: Duplex, options: Own = {}) =>
  new TlsSocket(transport, {
    ...options,
    createConnection: (wiring) =>
      createServerConnection({ ...quick, credentials: [credential], ...wiring }),
  });

/** Both ends, over streams in memory or of one's own. */
function pair(
  options: Own = {},
  [left, right]: readonly [Duplex, Duplex] = duplexPair(),
): readonly [TlsSocket, TlsSocket] {
  return [clientOver(left, options), serverOver(right, options)];
}

describe("a TLS socket", () => {
  it("carries data in both directions and ends cleanly", async () => {
    const [client, server] = pair();
    const events: string[] = [];
    client.on("end", () => events.push("end")).on("close", () => events.push("close"));
    const closed = Promise.all([once(client, "close"), once(server, "close")]);
    client.end("a question");
    expect((await readAll(server)).toString()).toBe("a question");
    await closed;
    expect(events).toEqual(["end", "close"]);
  });

  it("sends what was written before the handshake, and not before it is over", async () => {
    const [left, right] = duplexPair();
    const wire: Buffer[] = [];
    const write = left.write.bind(left) as (chunk: Buffer) => boolean;
    left.write = (chunk: Buffer) => {
      wire.push(chunk);
      return write(chunk);
    };
    const [client, server] = pair({}, [left, right]);
    let isWritten = false;
    client.write("early bird", () => (isWritten = true));
    client.once("secure", () => expect(isWritten).toBe(false));
    const [data] = await once(server, "data");
    expect(String(data)).toBe("early bird");
    expect(Buffer.concat(wire).includes("early bird")).toBe(false);
  });

  it("says what was negotiated, in the words of node:tls and in ours", async () => {
    const [client, server] = pair();
    expect([client.alpnProtocol, client.getProtocol(), client.authorized]).toEqual([
      null,
      null,
      false,
    ]);
    await Promise.all([once(client, "secureConnect"), once(server, "secure")]);
    expect(client.encrypted).toBe(true);
    expect(client.authorized).toBe(true);
    expect(server.authorized).toBe(false);
    expect(client.alpnProtocol).toBe(false);
    expect(server.servername).toBe("localhost");
    expect(client.getProtocol()).toBe("TLSv1.3");
    expect(client.getCipher().standardName).toBe(client.negotiated?.cipherSuite);
    expect(client.negotiated?.group).toBe("x25519");
    expect(client.isSessionReused()).toBe(false);
    expect(client.getPeerCertificate()).toMatchObject({
      subject: { CN: "localhost" },
      subjectaltname: "DNS:localhost, IP Address:127.0.0.1",
    });
    expect(server.getPeerCertificate()).toEqual({});
    const material = client.exportKeyingMaterial(32, "EXPERIMENTAL test");
    expect(material).toHaveLength(32);
    expect(server.exportKeyingMaterial(32, "EXPERIMENTAL test")).toEqual(material);
    expect(server.exportKeyingMaterial(32, "EXPERIMENTAL other")).not.toEqual(material);
  });

  it("follows key updates from both ends", async () => {
    const [client, server] = pair();
    await Promise.all([once(client, "secure"), once(server, "secure")]);
    client.updateKeys();
    server.updateKeys({ requestPeer: false });
    client.end("under new keys");
    server.end("so are these");
    expect((await readAll(server)).toString()).toBe("under new keys");
    expect((await readAll(client)).toString()).toBe("so are these");
  });

  it("runs inside another", async () => {
    const outer = pair();
    const [client, server] = pair({}, outer);
    const closed = Promise.all(outer.map((each) => once(each, "close")));
    client.end("matryoshka");
    expect((await readAll(server)).toString()).toBe("matryoshka");
    await closed;
  });

  it("gives key log lines only to those who ask", async () => {
    const [client, server] = pair();
    const lines: string[] = [];
    client.on("keylog", (line: Buffer) => lines.push(line.toString()));
    await Promise.all([once(client, "secure"), once(server, "secure")]);
    expect(lines.map((line) => line.split(" ")[0])).toContain("CLIENT_TRAFFIC_SECRET_0");
    expect(lines.every((line) => line.endsWith("\n"))).toBe(true);
  });
});

describe("backpressure", () => {
  const size = 3_000_000;
  const data = randomBytes(size);
  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

  it("stops reading the transport while the reader has enough, and loses nothing", async () => {
    const [client, server] = pair();
    await Promise.all([once(client, "secure"), once(server, "secure")]);
    let isSent = false;
    client.end(data, () => (isSent = true));
    await sleep(50);
    // Nobody reads: what is on its way is bounded by the buffers between
    expect(isSent).toBe(false);
    expect(server.readableLength).toBeLessThan(size / 10);
    expect(digest(await readAll(server))).toBe(digest(data));
    expect(isSent).toBe(true);
  });

  it("calls back for a write when the transport has taken it", async () => {
    const [left, right] = duplexPair();
    const [client, server] = pair({}, [left, right]);
    await Promise.all([once(client, "secure"), once(server, "secure")]);
    right.pause();
    let isWritten = false;
    client.write(data.subarray(0, 500_000), () => (isWritten = true));
    await sleep(20);
    expect(isWritten).toBe(false);
    expect(left.writableLength).toBeLessThan(400_000);
    right.resume();
    server.resume();
    await sleep(50);
    expect(isWritten).toBe(true);
  });

  it("puts small chunks that were written together into one record", async () => {
    const sizes: number[] = [];
    const [left, right] = duplexPair();
    const record: Observer["record"] = (direction, { epoch, contentLength }) => {
      if (direction === "sent" && epoch === "application") sizes.push(contentLength);
    };
    const observed = clientOver(left, {}, { observer: { record } });
    serverOver(right).resume();
    await once(observed, "secure");
    observed.cork();
    for (const length of [10, 20, 16_000, 400, 20_000, 5]) observed.write(data.subarray(0, length));
    observed.uncork();
    await sleep(20);
    expect(sizes).toEqual([16_030, 400, 16_384, 3_616, 5]);
  });
});

describe("the end of one direction", () => {
  it("leaves the other open, if both allow it", async () => {
    const [client, server] = pair({ allowHalfOpen: true });
    client.end("that is all");
    expect((await readAll(server)).toString()).toBe("that is all");
    await sleep(10);
    expect(server.writable).toBe(true);
    server.end("and here is the answer");
    expect((await readAll(client)).toString()).toBe("and here is the answer");
  });

  it("ends the other too, if that is not allowed", async () => {
    const [client, server] = pair();
    const ends = Promise.all([once(server, "end"), once(server, "finish"), once(client, "end")]);
    client.end();
    server.resume();
    await ends;
  });
});

describe("the end without close_notify", () => {
  it("is the error `truncated`, after the data that came before", async () => {
    const [left, right] = duplexPair();
    const [client, server] = pair({}, [left, right]);
    client.on("error", () => {});
    client.write("almost everything");
    await once(server, "readable");
    left.end();
    await once(right, "end");
    let text = "";
    const reading = (async () => {
      for await (const chunk of server) text += String(chunk);
    })();
    await expect(reading).rejects.toMatchObject({ name: "TlsSocketError", reason: "truncated" });
    expect(text).toBe("almost everything");
  });

  it("is what the peer of a destroyed socket sees", async () => {
    const [client, server] = pair();
    server.resume();
    await Promise.all([once(client, "secure"), once(server, "secure")]);
    const ends: string[] = [];
    server.on("end", () => ends.push("end"));
    client.destroy();
    server.connection?.receiveEnd();
    expect(server.connection?.error?.code).toBe("truncated");
    expect(ends).toEqual([]);
  });

  it("is told at once to one who writes", async () => {
    const [left, right] = duplexPair();
    const [client, server] = pair({}, [left, right]);
    client.on("error", () => {});
    client.write("something unread");
    await once(server, "readable");
    left.end();
    await once(right, "end");
    expect(server.destroyed).toBe(false);
    const failure = failureOf(server);
    const told = new Promise((resolve) => server.write("?", resolve));
    expect(await told).toMatchObject({ reason: "truncated" });
    expect(await failure).toMatchObject({ reason: "truncated" });
  });
});

describe("a record that was changed on its way", () => {
  it("ends both, and each knows why, after what came before", async () => {
    const [left, middle] = duplexPair();
    const [other, right] = duplexPair();
    let isTampering = false;
    middle.on("data", (chunk: Buffer) => {
      if (isTampering) chunk[chunk.length - 1]! ^= 1;
      other.write(chunk);
    });
    other.pipe(middle);
    const client = clientOver(left);
    const server = serverOver(right);
    await Promise.all([once(client, "secure"), once(server, "secure")]);
    client.write("intact");
    expect(String((await once(server, "data"))[0])).toBe("intact");
    isTampering = true;
    const failures = Promise.all([failureOf(client), failureOf(server)]);
    client.write("forged");
    server.on("data", () => expect.unreachable());
    const [ours, theirs] = await failures;
    expect(theirs).toMatchObject({ reason: "bad_record_mac", alert: "bad_record_mac" });
    expect(ours).toMatchObject({ reason: "peer_alert" });
    expect(ours.message).toContain("bad_record_mac");
  });
});

describe("a failure", () => {
  it("sends its alert before the transport ends, and closes at once", async () => {
    const [left, right] = duplexPair();
    const server = serverOver(right);
    const failure = failureOf(server);
    left.write(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    const wire = readAll(left);
    expect(await failure).toMatchObject({ name: "TlsSocketError", alert: "unexpected_message" });
    expect(server.destroyed).toBe(true);
    // alert, 0x0303, 2 bytes, fatal, unexpected_message
    expect([...(await wire)]).toEqual([21, 3, 3, 0, 2, 2, 10]);
  });

  it("of the transport is told as it is", async () => {
    const [left, right] = duplexPair();
    const [client] = pair({}, [left, right]);
    await once(client, "secure");
    const failure = failureOf(client);
    left.destroy(new Error("the cable is cut"));
    expect((await failure).message).toBe("the cable is cut");
  });

  it("of a transport that is gone from the start is told too", async () => {
    const [left] = duplexPair();
    left.destroy();
    await once(left, "close");
    const client = clientOver(left);
    expect(await failureOf(client)).toMatchObject({ reason: "canceled" });
  });

  it("comes when the handshake takes too long, and the peer is told", async () => {
    const [left, right] = duplexPair();
    const client = clientOver(left, { handshakeTimeout: 20 });
    const wire = readAll(right);
    expect(await failureOf(client)).toMatchObject({ reason: "timeout" });
    // alert, fatal, general_error
    expect([...(await wire).subarray(-2)]).toEqual([2, 117]);
  });

  it("does not come when the handshake was in time", async () => {
    const [client, server] = pair({ handshakeTimeout: 200 });
    client.on("error", () => expect.unreachable());
    await Promise.all([once(client, "secure"), once(server, "secure")]);
    await sleep(250);
    expect(client.destroyed).toBe(false);
  });

  it("calls back for the write that was under way", async () => {
    const [client, server] = pair();
    await Promise.all([once(client, "secure"), once(server, "secure")]);
    const told = new Promise((resolve) => client.write(Buffer.alloc(1_000_000), resolve));
    client.destroy();
    expect(await told).toMatchObject({ reason: "canceled" });
  });
});

describe("over TCP", () => {
  it("passes on what a socket of node:net has", async () => {
    await withServer({}, async (port, listening) => {
      const accepted = once(listening, "secureConnection") as Promise<[TlsSocket]>;
      const client = await connected(port);
      const [socket] = await accepted;
      expect(client.remotePort).toBe(port);
      expect(client.remoteAddress).toBe("127.0.0.1");
      expect(socket.remotePort).toBe(client.localPort);
      expect(client.connecting).toBe(false);
      expect(client.bytesRead).toBeGreaterThan(500);
      expect(client.setNoDelay(true).setKeepAlive(true, 1000).unref().ref()).toBe(client);
      client.destroy();
    });
  });

  // Node 22 and later give the memory of what was sent back
  it("opens with a ClientHello of many kilobytes, whose bytes the transcript needs afterwards", async () => {
    const groups = ["X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "MLKEM1024"];
    await withServer({ groups }, async (port) => {
      const socket = await connected(port, { groups, shares: groups });
      expect(socket.bytesWritten).toBeGreaterThan(5000);
      socket.destroy();
    });
  });

  it("carries much in both directions, and leaves the buffers of both sides alone", async () => {
    const data = randomBytes(2_000_000);
    const copy = Buffer.from(data);
    await withServer({}, async (port, listening) => {
      const wire: Buffer[] = [];
      listening.on("connection", (raw: net.Socket) => raw.on("data", (chunk) => wire.push(chunk)));
      listening.on("secureConnection", (socket: TlsSocket) => socket.pipe(socket));
      const client = await connected(port);
      const echo = readAll(client);
      client.end(data);
      expect((await echo).equals(copy)).toBe(true);
      expect(data.equals(copy)).toBe(true);
      // Somebody else listened to the raw socket, and still has what came
      expect(Buffer.concat(wire).length).toBeGreaterThan(data.length);
    });
  });

  it("emits `timeout` when nothing happens, and not while something does", async () => {
    await withServer({}, async (port, listening) => {
      listening.on("secureConnection", (socket: TlsSocket) => socket.pipe(socket));
      const client = await connected(port);
      let timeouts = 0;
      client.resume().setTimeout(1000, () => timeouts++);
      expect(client.timeout).toBe(1000);
      for (let i = 0; i < 12; i++) {
        await sleep(100);
        client.write("?");
      }
      expect(timeouts).toBe(0);
      await once(client, "timeout");
      expect(client.destroyed).toBe(false);
      client.destroy();
    });
  });

  it("ends with the transport's error after a reset", async () => {
    await withServer({}, async (port, listening) => {
      const accepted = once(listening, "secureConnection") as Promise<[TlsSocket]>;
      const raw = net.connect(port, "127.0.0.1");
      const client = clientOver(raw);
      client.on("error", () => {});
      const [socket] = await accepted;
      const failure = failureOf(socket);
      raw.resetAndDestroy();
      expect(await failure).toMatchObject({ code: "ECONNRESET" });
    });
  });
});
