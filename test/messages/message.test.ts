import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  annotateMessage,
  decodeMessage,
  encodeMessage,
  headerLength,
  helloRetryRequestRandom,
  type Message,
  messageName,
  messages,
  type MessageType,
  messageType,
} from "../../src/messages/index.ts";
import { HandshakeType } from "../../src/registry/index.ts";
import { concat, toHex, utf8 } from "../../src/wire/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { bytesOf, expectNested } from "../support/codec.ts";
import { decodeErrorOf } from "../support/errors.ts";
import { arbitraryOf } from "../support/arbitrary.ts";
import { check } from "../support/property.ts";

const types = Object.keys(messages) as MessageType[];
const anyBody = (type: MessageType) => arbitraryOf(messages[type] as never) as fc.Arbitrary<never>;

describe.each(types)("the message %s", (type) => {
  it("has its number and length in front, and is told by its bytes", () => {
    check(
      fc.property(anyBody(type), (body) => {
        const raw = encodeMessage(type, body);
        const isRetry = type === "hello_retry_request";
        expect(raw[0]).toBe(HandshakeType[isRetry ? "server_hello" : type]);
        expect((raw[1]! << 16) | (raw[2]! << 8) | raw[3]!).toBe(raw.length - headerLength);
        expect(messageType(raw)).toBe(isRetry ? "server_hello" : type);
        expect(messageName(raw)).toBe(isRetry ? "server_hello" : type);
        const message = decodeMessage(type, raw);
        expect(message).toEqual({ type, body, raw });
        expect(encodeMessage(type, message.body)).toEqual(raw);
      }),
      20,
    );
  });

  it("can be annotated from its header on", () => {
    check(
      fc.property(anyBody(type), (body) => {
        const raw = encodeMessage(type, body);
        const fields = annotateMessage(type, raw);
        expectNested(fields, raw.length);
        expect(fields.slice(0, 3).map(({ path, start, end }) => [path, start, end])).toEqual([
          [type, 0, raw.length],
          [`${type}.msg_type`, 0, 1],
          [`${type}.length`, 1, 4],
        ]);
      }),
      20,
    );
  });

  // The length of a Finished is the hash's, which only the handshake knows
  if (type === "finished") return;
  it("names itself in the path of an error", () => {
    const [body] = fc.sample(anyBody(type), { seed: 1, numRuns: 1 });
    const raw = concat(encodeMessage(type, body!), Uint8Array.of(0, 0));
    const error = decodeErrorOf(() => decodeMessage(type, raw));
    expect(error.path).toBe(type);
    expect(error.message).toContain("2 bytes after the end");
  });
});

describe("HelloRetryRequest", () => {
  // RFC 9846 §4.2.3
  it("has the SHA-256 of its name as random", () => {
    expect(helloRetryRequestRandom).toEqual(noble.hashes.sha256.digest(utf8("HelloRetryRequest")));
  });

  it("shares ServerHello's number, and is a type of its own", () => {
    const body = {
      legacyVersion: 0x0303,
      random: helloRetryRequestRandom,
      legacySessionIdEcho: new Uint8Array(0),
      cipherSuite: 0x1301,
      legacyCompressionMethod: 0,
      extensions: {},
    };
    const retry = encodeMessage("hello_retry_request", body);
    const hello = encodeMessage("server_hello", { ...body, random: new Uint8Array(32) });
    expect([retry[0], hello[0]]).toEqual([2, 2]);
    expect([messageType(retry), messageType(hello)]).toEqual([
      "hello_retry_request",
      "server_hello",
    ]);
    for (const at of [0, 31]) {
      const near = retry.slice();
      near[headerLength + 2 + at]! ^= 1;
      expect(messageType(near)).toBe("server_hello");
    }
    expect(messageType(retry.subarray(0, 37))).toBe("server_hello");
  });
});

describe("a number that is no message", () => {
  it.each([
    [0, "0x00"],
    [3, "0x03"],
    [254, "message_hash"],
    [255, "0xff"],
  ])("%d has no type", (number, name) => {
    expect(messageType(Uint8Array.of(number, 0, 0, 0))).toBeUndefined();
    expect(messageName(Uint8Array.of(number, 0, 0, 0))).toBe(name);
  });
});

describe("the path of an error", () => {
  it("leads from the message to the field", () => {
    const raw = encodeMessage("client_hello", {
      legacyVersion: 0x0303,
      random: new Uint8Array(32),
      legacySessionId: new Uint8Array(0),
      cipherSuites: [0x1301],
      legacyCompressionMethods: Uint8Array.of(0),
      extensions: { key_share: [{ group: 0x001d, keyExchange: bytesOf("aabb") }] },
    });
    // The inner length says three bytes, where there are two
    const broken = raw.slice();
    broken[broken.length - 3] = 3;
    const { path } = decodeErrorOf(() => decodeMessage("client_hello", broken));
    expect(path).toBe("client_hello.extensions.key_share[0].keyExchange");
    expect(toHex(raw.subarray(-2))).toBe("aabb");
  });
});

// The type of a decoded message follows its name
const narrowed = (message: Message<"finished" | "key_update">): Uint8Array | number =>
  message.type === "finished" ? message.body.verifyData : message.body.requestUpdate;
it("narrows by its type", () => {
  const raw = encodeMessage("key_update", { requestUpdate: 1 });
  expect(narrowed(decodeMessage("key_update", raw))).toBe(1);
});
