/**
 * What a black-box suite such as tlsfuzzer asks of a server: bytes over TCP, answered by these bytes and
 * by the end of the stream. The hellos are written by hand, so that no codec of ours smooths them.
 */
import * as net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Connection, createClientConnection, createTrustStore } from "../../src/index.ts";
import { createHttpsServer, createServer, native, type TlsServer } from "../../src/node.ts";
import { RecordProtection } from "../../src/record/protection.ts";
import { AlertDescription, type AlertName, ExtensionType } from "../../src/registry/index.ts";
import { SecretOwner, TrafficSecret } from "../../src/schedule/index.ts";
import { concat, fromHex, utf8 } from "../../src/wire/index.ts";
import { changeCipherSpec, plainRecord } from "../support/interceptor.ts";
import { withBody } from "../support/raw.ts";
import { ca, closed, portOf, serverPem } from "../transport/node/support.ts";

let server: TlsServer;
let port: number;

beforeAll(async () => {
  server = createServer({ ...serverPem, groups: ["x25519"], alpn: ["http/1.1"] }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("the reply"));
  });
  server.on("tlsClientError", () => {});
  port = await portOf(server);
});
afterAll(() => closed(server));

/** One TCP connection that never closes its own direction first. */
class Wire {
  readonly #socket: net.Socket;
  readonly #chunks: AsyncIterator<Buffer>;
  #waiting = Buffer.alloc(0);

  constructor(to: number) {
    this.#socket = net.connect({ port: to, host: "127.0.0.1", allowHalfOpen: true });
    this.#chunks = this.#socket[Symbol.asyncIterator]();
  }

  send(...bytes: readonly Uint8Array[]): void {
    this.#socket.write(concat(...bytes));
  }

  /** What has come; `undefined` when the server has ended its direction. */
  async chunk(): Promise<Uint8Array | undefined> {
    const { value, done } = await this.#chunks.next();
    return done ? undefined : value;
  }

  async record(): Promise<{ readonly type: number; readonly content: Uint8Array } | undefined> {
    for (;;) {
      const bytes = this.#waiting;
      const end = bytes.length < 5 ? Infinity : 5 + bytes.readUInt16BE(3);
      if (bytes.length >= end) {
        this.#waiting = bytes.subarray(end);
        return { type: bytes[0]!, content: bytes.subarray(5, end) };
      }
      const chunk = await this.chunk();
      if (chunk === undefined) return undefined;
      this.#waiting = Buffer.concat([bytes, chunk]);
    }
  }

  /** In the clear; then the server ends its direction, while ours is still open. */
  async expectAlertAndEnd(alert: AlertName): Promise<void> {
    const expected = Uint8Array.of(2, AlertDescription[alert]);
    expect(await this.record()).toEqual({ type: 21, content: Buffer.from(expected) });
    expect(await this.record()).toBeUndefined();
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function withWire(to: number, use: (wire: Wire) => Promise<void>): Promise<void> {
  const wire = new Wire(to);
  try {
    await use(wire);
  } finally {
    wire.close();
  }
}

// Hellos

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(" ", ""));
const uint16 = (value: number): string => value.toString(16).padStart(4, "0");

type Extensions = readonly (readonly [name: keyof typeof ExtensionType, data: string])[];

/** Any point will do: nobody finishes these handshakes. */
const share = `001d 0020 ${"09".repeat(32)}`;
const keyShare = (...shares: readonly string[]): readonly ["key_share", string] => {
  const bytes = hex(shares.join(""));
  return ["key_share", uint16(bytes.length) + shares.join("")];
};
const extensions: Extensions = [
  ["supported_versions", "02 0304"],
  ["supported_groups", "0002 001d"],
  ["signature_algorithms", "0002 0403"],
  ["psk_key_exchange_modes", "01 01"],
  keyShare(share),
];
const withShares = (...shares: readonly string[]): Extensions => [
  ...extensions.slice(0, -1),
  keyShare(...shares),
];

function clientHello(given: Extensions = extensions, legacyVersion = 0x0303): Uint8Array {
  const block = given.map(([name, data]) => {
    const bytes = hex(data);
    return concat(hex(uint16(ExtensionType[name])), hex(uint16(bytes.length)), bytes);
  });
  const body = concat(
    hex(uint16(legacyVersion)),
    new Uint8Array(32).fill(7),
    Uint8Array.of(32),
    new Uint8Array(32).fill(8),
    hex("0002 1301 0100"),
    hex(uint16(concat(...block).length)),
    ...block,
  );
  return plainRecord(22, withBody(1, body), 0x0301);
}

const serverHello = 2;
const retryRandom = hex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");
const isRetry = (content: Uint8Array): boolean =>
  Buffer.from(content.subarray(6, 38)).equals(retryRandom);

describe("a ClientHello", () => {
  it("is answered with ServerHello, change_cipher_spec and protected records", async () => {
    await withWire(port, async (wire) => {
      wire.send(clientHello());
      const hello = await wire.record();
      expect([hello?.type, hello?.content[0]]).toEqual([22, serverHello]);
      expect(isRetry(hello!.content)).toBe(false);
      // RFC 9846 Appendix E.4
      expect(await wire.record()).toEqual({ type: 20, content: Buffer.from([1]) });
      expect((await wire.record())?.type).toBe(23);
    });
  });

  it("may come a few bytes at a time, and in many records", async () => {
    await withWire(port, async (wire) => {
      const message = clientHello().subarray(5);
      const records = Array.from({ length: Math.ceil(message.length / 20) }, (_, i) =>
        plainRecord(22, message.subarray(20 * i, 20 * (i + 1)), 0x0301),
      );
      for (const byte of concat(...records)) {
        wire.send(Uint8Array.of(byte));
        await new Promise(setImmediate);
      }
      expect((await wire.record())?.content[0]).toBe(serverHello);
    });
  });

  it.each<[string, Uint8Array, AlertName]>([
    // RFC 9846 §4.3.8: not two for one group; an empty one can be no share of any group
    ["a share that is empty", clientHello(withShares("001d 0000")), "illegal_parameter"],
    ["two shares of one group", clientHello(withShares(share, share)), "illegal_parameter"],
    ["a share that is too short", clientHello(withShares("001d 0001 09")), "illegal_parameter"],
    // RFC 9846 Appendix E.5, §4.2.2
    ["legacy_version of SSL 3", clientHello(extensions, 0x0300), "protocol_version"],
    ["legacy_version of SSL 2", clientHello(extensions, 0x0002), "protocol_version"],
    // RFC 9846 §4.3
    ["an extension twice", clientHello([...extensions, extensions[0]!]), "illegal_parameter"],
    // RFC 9846 §9.2
    ["no signature_algorithms", clientHello(extensions.toSpliced(2, 1)), "missing_extension"],
    ["no versions above TLS 1.2", clientHello(extensions.slice(1)), "protocol_version"],
    [
      "a block as short as TLS 1.2 may have it",
      clientHello([["post_handshake_auth", ""]]),
      "protocol_version",
    ],
    // RFC 9846 §5.1
    ["a record too long", plainRecord(22, new Uint8Array(2 ** 14 + 1)), "record_overflow"],
    ["the header of one that no key allows", hex("16 0301 4101"), "record_overflow"],
    ["an empty record", plainRecord(22, new Uint8Array(0)), "unexpected_message"],
    ["application data", plainRecord(23, utf8("GET /")), "unexpected_message"],
  ])("with or instead of it, %s is refused, and the socket closed", async (_, bytes, alert) => {
    await withWire(port, async (wire) => {
      wire.send(bytes);
      await wire.expectAlertAndEnd(alert);
    });
  });
});

describe("a second ClientHello", () => {
  const second = withShares(share);

  async function retried(wire: Wire): Promise<void> {
    wire.send(clientHello(withShares()));
    const retry = await wire.record();
    expect(isRetry(retry!.content)).toBe(true);
    expect((await wire.record())?.type).toBe(20);
  }

  it("in the order of the first goes on", async () => {
    await withWire(port, async (wire) => {
      await retried(wire);
      wire.send(clientHello(second));
      expect((await wire.record())?.content[0]).toBe(serverHello);
      // Once is enough
      expect((await wire.record())?.type).toBe(23);
    });
  });

  // RFC 9846 §4.2.2
  it.each<[string, Extensions]>([
    ["without one of its extensions", second.toSpliced(3, 1)],
    ["with one more", [...second, ["post_handshake_auth", ""]]],
    ["with other groups", second.with(1, ["supported_groups", "0004 001d 0017"])],
    ["without the share that was asked for", withShares()],
  ])("%s is an illegal_parameter", async (_, changed) => {
    await withWire(port, async (wire) => {
      await retried(wire);
      wire.send(clientHello(changed));
      await wire.expectAlertAndEnd("illegal_parameter");
    });
  });
});

// Behind the hellos

/** An ordinary client, whose Finished the test sends, and whatever comes after it. */
interface Prepared {
  readonly client: Connection;
  readonly finished: Uint8Array;
  seal(epoch: "handshake" | "application", type: number, content: Uint8Array): Uint8Array;
}

async function prepare(wire: Wire): Promise<Prepared> {
  const secrets = new Map<string, TrafficSecret>();
  const owner = new SecretOwner();
  let finished = new Uint8Array(0);
  const client = createClientConnection({
    provider: native,
    serverName: "localhost",
    trust: createTrustStore(ca.pem),
    groups: ["x25519"],
    suites: ["TLS_AES_128_GCM_SHA256"],
    keyLog: (line) => {
      const [label = "", , secret = ""] = line.split(" ");
      secrets.set(label, new TrafficSecret(native.hashes.sha256, fromHex(secret), owner));
    },
    observer: {
      message: (direction, raw) => {
        if (direction === "sent") finished = raw.slice();
      },
    },
  });
  client.start();
  wire.send(...client.takeOutput());
  while (client.state === "handshaking") client.receive((await wire.chunk())!);
  expect(client.state).toBe("open");
  client.takeOutput();
  const labels = {
    handshake: "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    application: "CLIENT_TRAFFIC_SECRET_0",
  };
  const keys = new Map<string, RecordProtection>();
  return {
    client,
    finished,
    seal(epoch, type, content) {
      const key =
        keys.get(epoch) ??
        new RecordProtection(native.aeads["aes-128-gcm"], secrets.get(labels[epoch])!);
      keys.set(epoch, key);
      return concat(...key.seal(content, Uint8Array.of(type)));
    },
  };
}

/** What the client hears until the server ends its direction: types of events, and the alert. */
async function hear({ client }: Prepared, wire: Wire): Promise<string[]> {
  for (let chunk = await wire.chunk(); chunk !== undefined; chunk = await wire.chunk()) {
    client.receive(chunk);
  }
  return client
    .takeEvents()
    .map((event) => (event.type === "error" ? (event.error.detail.received ?? "") : event.type))
    .filter((type) => type !== "open");
}

const alert = (name: AlertName): string => `alert ${name} (${AlertDescription[name]})`;

describe("the client's Finished", () => {
  it("opens the connection; tickets come before the reply", async () => {
    await withWire(port, async (wire) => {
      const prepared = await prepare(wire);
      const { seal, finished } = prepared;
      wire.send(
        changeCipherSpec,
        seal("handshake", 22, finished),
        seal("application", 23, utf8("?")),
      );
      expect(await hear(prepared, wire)).toEqual(["session", "session", "data", "end"]);
    });
  });

  // RFC 9846 §4.5.3
  it.each<[string, (finished: Uint8Array) => Uint8Array, AlertName]>([
    ["longer", (raw) => withBody(20, concat(raw.subarray(4), Uint8Array.of(0))), "decode_error"],
    [
      "longer than we take messages",
      () => withBody(20, new Uint8Array(2 ** 18)).subarray(0, 2 ** 14),
      "decode_error",
    ],
    ["shorter", (raw) => withBody(20, raw.subarray(4, -1)), "decode_error"],
    ["empty", () => withBody(20, new Uint8Array(0)), "decode_error"],
    ["wrong", (raw) => raw.with(10, raw[10]! ^ 1), "decrypt_error"],
  ])("that is %s is refused, and the socket closed", async (_, change, expected) => {
    await withWire(port, async (wire) => {
      const prepared = await prepare(wire);
      wire.send(changeCipherSpec, prepared.seal("handshake", 22, change(prepared.finished)));
      expect(await hear(prepared, wire)).toEqual([alert(expected)]);
    });
  });
});

describe("records of an open connection", () => {
  const limit = 2 ** 14;

  // RFC 9846 §5.2
  it.each([
    ["2^14 bytes of content are taken", limit, "end"],
    ["one more is record_overflow", limit + 1, alert("record_overflow")],
  ])("%s", async (_, length, last) => {
    await withWire(port, async (wire) => {
      const prepared = await prepare(wire);
      const { seal, finished } = prepared;
      wire.send(changeCipherSpec, seal("handshake", 22, finished));
      wire.send(seal("application", 23, new Uint8Array(length)));
      expect((await hear(prepared, wire)).at(-1)).toBe(last);
    });
  });
});

describe("an HTTP server", () => {
  it("takes a request in pieces, each in a record and a segment of its own", async () => {
    const https = createHttpsServer(serverPem, ({ url }, response) => {
      response.setHeader("connection", "close");
      response.end(`you asked for ${url}`);
    });
    try {
      await withWire(await portOf(https), async (wire) => {
        const { client, seal, finished } = await prepare(wire);
        wire.send(changeCipherSpec, seal("handshake", 22, finished));
        for (const byte of utf8("GET /pieces HTTP/1.1\r\nhost: localhost\r\n\r\n")) {
          wire.send(seal("application", 23, Uint8Array.of(byte)));
          await new Promise(setImmediate);
        }
        for (let chunk = await wire.chunk(); chunk !== undefined; chunk = await wire.chunk()) {
          client.receive(chunk);
        }
        const data = client
          .takeEvents()
          .flatMap((event) => (event.type === "data" ? [event.data] : []));
        expect(Buffer.concat(data).toString()).toMatch(/you asked for \/pieces/);
      });
    } finally {
      await closed(https);
    }
  });
});
