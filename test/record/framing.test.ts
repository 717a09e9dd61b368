import { describe, expect, it } from "vitest";
import { RecordFraming } from "../../src/record/framing.ts";
import { concat } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { plainRecord } from "../support/interceptor.ts";
import { randomPieces, seeded } from "../support/random.ts";
import { expectProportion, workOf } from "../support/work.ts";

const records = [0, 1, 2, 300, 2 ** 14 + 256, 7].map((length, index) =>
  plainRecord(20 + (index % 4), seeded(index).bytes(length)),
);
const stream = concat(...records);

/** Feeds pieces out of one buffer that is overwritten after each, as a caller may do. */
function allFrom(pieces: readonly Uint8Array[], make: (length: number) => Uint8Array) {
  const framing = new RecordFraming();
  const found: Uint8Array[] = [];
  for (const piece of pieces) {
    const buffer = make(piece.length);
    buffer.set(piece);
    framing.push(buffer);
    for (let record = framing.next(); record !== undefined; record = framing.next()) {
      found.push(Uint8Array.from(record));
    }
    framing.detach();
    buffer.fill(0xee);
  }
  return { framing, found };
}

describe.each([
  ["arrays", (length: number): Uint8Array => new Uint8Array(length)],
  ["Buffers", (length: number): Uint8Array => Buffer.alloc(length)],
])("framing of %s", (_, make) => {
  // RFC 9846 §5.1
  it("gives whole records, however they arrive, and keeps nothing of the caller's", () => {
    for (const seed of [1, 2, 3, 4]) {
      const { framing, found } = allFrom(randomPieces(stream, seeded(seed)), make);
      expect(found).toEqual(records);
      expect(framing.inRecord).toBe(false);
    }
    expect(allFrom([stream], make).found).toEqual(records);
    const some = concat(...records.slice(0, 4));
    const bytes = Array.from(some, (byte) => Uint8Array.of(byte));
    expect(allFrom(bytes, make).found).toEqual(records.slice(0, 4));
  });

  it("copies what waits a few times in all, in whatever pieces it comes", () => {
    const fed = (count: number) => (): void => {
      const framing = new RecordFraming();
      const one = make(1);
      for (let i = 0; i < count; i++) {
        framing.push(one);
        framing.detach();
      }
      expect(framing.waiting).toBe(count);
    };
    expectProportion((size) => workOf(fed(size)), 1000);
  });

  it("takes memory for what has come of a record, and not for what it promises", () => {
    const framing = new RecordFraming();
    const record = plainRecord(23, new Uint8Array(16384));
    for (let at = 0; at < record.length; at++) {
      framing.push(record.subarray(at, at + 1));
      expect(framing.next() === undefined).toBe(at + 1 < record.length);
      framing.detach();
      expect(framing.held).toBeLessThanOrEqual(8 * (at + 1));
    }
  });

  it("keeps what nobody took, while the caller goes on", () => {
    const framing = new RecordFraming();
    const buffer = make(6);
    for (const part of [stream.subarray(0, 6), stream.subarray(6, 12), stream.subarray(12, 18)]) {
      buffer.set(part);
      framing.push(buffer);
      framing.detach();
      buffer.fill(0xee);
    }
    expect(framing.waiting).toBe(18);
    expect(
      [framing.next(), framing.next(), framing.next()].map((each) => each && [...each]),
    ).toEqual(records.slice(0, 3).map((each) => [...each]));
    expect(framing.waiting).toBe(0);
  });
});

describe("framing", () => {
  it("knows when it is in a record", () => {
    const framing = new RecordFraming();
    expect(framing.inRecord).toBe(false);
    framing.push(Uint8Array.of(22));
    expect(framing.next()).toBeUndefined();
    expect(framing.inRecord).toBe(true);
    framing.push(Uint8Array.of(3, 3, 0, 1));
    expect(framing.next()).toBeUndefined();
    expect(framing.inRecord).toBe(true);
    framing.push(Uint8Array.of(9));
    expect(framing.next()).toEqual(Uint8Array.of(22, 3, 3, 0, 1, 9));
    expect(framing.inRecord).toBe(false);
  });

  it("uses the memory of a record that came in pieces no more, and never the caller's", () => {
    const large = new Uint8Array(5 + 8000);
    large.set([23, 3, 3, 8000 >> 8, 8000 & 0xff]);
    const rest = large.slice(100);
    const framing = new RecordFraming();
    framing.push(large.subarray(0, 100));
    expect(framing.next()).toBeUndefined();
    framing.push(rest);
    expect(framing.next()).toEqual(large);
    expect(framing.next()).toBeUndefined();
    expect([large.length, rest.length]).toEqual([8005, 7905]);
    framing.push(large);
    expect(framing.next()).toEqual(large);
    expect(framing.next()).toBeUndefined();
    expect(large.length).toBe(8005);
  });

  // RFC 9846 §5.2
  it.each([1, 5])("refuses a record that is too long by its header, in pieces of %d", (size) => {
    const header = Uint8Array.of(23, 3, 3, 0x41, 0x01);
    const framing = new RecordFraming();
    const error = tlsErrorOf(() => {
      for (let at = 0; at < header.length; at += size) {
        framing.push(header.slice(at, at + size));
        framing.next();
      }
    });
    expect(error).toMatchObject({ code: "record_overflow", alert: "record_overflow" });
    expect(error.detail).toMatchObject({
      expected: "at most 16640 bytes",
      received: "16641 bytes",
      where: "record.length",
      section: "RFC 9846 §5.2",
    });
  });

  // RFC 9846 §5
  it.each([
    ["HTTP", "GET / HTTP/1.1\r\n"],
    ["SSH", "SSH-2.0-x\r\n"],
    ["SSL 2.0", "\x80\x2e\x01\x03\x01"],
    ["a heartbeat", "\x18\x03\x03\x00\x03"],
  ])("refuses what is no record: %s", (_, text) => {
    const framing = new RecordFraming();
    framing.push(Uint8Array.from(text, (character) => character.charCodeAt(0)));
    const error = tlsErrorOf(() => framing.next());
    expect(error).toMatchObject({ code: "unexpected_message", detail: { where: "record.type" } });
    expect(error.message).toContain("this is not a TLS record");
  });
});
