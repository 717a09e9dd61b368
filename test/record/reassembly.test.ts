import { describe, expect, it } from "vitest";
import { Reassembly } from "../../src/record/reassembly.ts";
import { HandshakeType } from "../../src/registry/index.ts";
import { concat } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { withBody } from "../support/raw.ts";
import { randomPieces, seeded } from "../support/random.ts";

const messages = [0, 1, 3, 200, 40_000, 5].map((length, index) =>
  withBody(index + 100, seeded(index).bytes(length)),
);
const stream = concat(...messages);

function allFrom(reassembly: Reassembly, pieces: readonly Uint8Array[]): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const piece of pieces) {
    reassembly.push(piece.slice());
    for (let raw = reassembly.next(); raw !== undefined; raw = reassembly.next()) found.push(raw);
  }
  return found;
}

describe("reassembly", () => {
  // RFC 9846 §5.1
  it("gives whole messages, however they are cut", () => {
    for (const seed of [1, 2, 3]) {
      const reassembly = new Reassembly(0x20000);
      expect(allFrom(reassembly, randomPieces(stream, seeded(seed)))).toEqual(messages);
      expect(reassembly.pending).toBe(false);
    }
    expect(allFrom(new Reassembly(0x20000), [stream])).toEqual(messages);
    const bytes = Array.from(stream.subarray(0, 600), (byte) => Uint8Array.of(byte));
    expect(allFrom(new Reassembly(0x20000), bytes)).toEqual(messages.slice(0, 4));
  });

  it("knows when a message has begun", () => {
    const reassembly = new Reassembly(100);
    expect(reassembly.pending).toBe(false);
    reassembly.push(Uint8Array.of(20));
    expect(reassembly.next()).toBeUndefined();
    expect(reassembly.pending).toBe(true);
    reassembly.push(Uint8Array.of(0, 0, 0));
    expect(reassembly.next()).toEqual(Uint8Array.of(20, 0, 0, 0));
    expect(reassembly.pending).toBe(false);
  });

  it("does not change a message that it gave, when more comes", () => {
    const reassembly = new Reassembly(1000);
    const [first, second] = [withBody(1, Uint8Array.of(7, 7)), withBody(2, Uint8Array.of(8))];
    for (const byte of concat(first, second).subarray(0, 8)) reassembly.push(Uint8Array.of(byte));
    const given = reassembly.next();
    reassembly.push(concat(first, second).slice(8));
    expect(reassembly.next()).toEqual(second);
    expect(given).toEqual(first);
  });

  it("holds a message to its limit as soon as the header is there", () => {
    const within = new Reassembly(100);
    within.push(withBody(11, new Uint8Array(96)));
    expect(within.next()).toHaveLength(100);
    const beyond = new Reassembly(100);
    beyond.push(Uint8Array.of(11, 0, 0, 97));
    const error = tlsErrorOf(() => beyond.next());
    expect(error).toMatchObject({ code: "message_too_long", alert: "illegal_parameter" });
    expect(error.detail).toMatchObject({
      expected: "at most 100 bytes",
      received: "101 bytes",
      where: "handshake.length",
    });
    expect(error.message).toContain("certificate");
  });

  // RFC 9846 §6.2
  it.each([
    ["end_of_early_data", 0],
    ["key_update", 1],
    ["finished", 64],
    ["certificate_verify", 65_539],
    ["encrypted_extensions", 65_537],
    ["certificate_request", 65_793],
    ["server_hello", 65_607],
  ] as const)("takes no %s of more than %i bytes, whatever the limit", (name, most) => {
    const type = HandshakeType[name];
    const within = new Reassembly(0x20000);
    within.push(withBody(type, new Uint8Array(most)));
    expect(within.next()).toHaveLength(4 + most);
    const beyond = new Reassembly(0x20000);
    beyond.push(withBody(type, new Uint8Array(most + 1)).subarray(0, 4));
    const error = tlsErrorOf(() => beyond.next());
    expect(error).toMatchObject({ code: "malformed", alert: "decode_error" });
    expect(error.detail).toMatchObject({
      expected: `at most ${4 + most} bytes`,
      received: `${5 + most} bytes`,
      where: name,
      section: "RFC 9846 §6.2",
    });
  });
});
