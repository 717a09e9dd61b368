import { describe, expect, it } from "vitest";
import { DecodeError, Reader } from "../../src/wire/index.ts";
import { decodeErrorOf } from "../support/errors.ts";

describe("Reader", () => {
  // RFC 9846 §3.3
  it("reads numbers with the most significant byte first", () => {
    const reader = new Reader(Uint8Array.of(1, 1, 2, 1, 2, 3, 0xff, 0xff, 0xff, 0xff));
    expect([1, 2, 3, 4].map((size) => reader.uint(size))).toEqual([
      1,
      0x0102,
      0x010203,
      2 ** 32 - 1,
    ]);
    expect(reader.remaining).toBe(0);
    expect(decodeErrorOf(() => reader.uint(1)).reason).toBe("needs 1 bytes, has 0");
  });

  it("takes copies, also of a Buffer", () => {
    for (const input of [Uint8Array.of(1, 2, 3), Buffer.from([1, 2, 3])]) {
      const taken = new Reader(input).take(2);
      input.fill(0);
      expect([...taken]).toEqual([1, 2]);
    }
  });

  it("does not move on what it refuses", () => {
    const reader = new Reader(Uint8Array.of(1, 2));
    expect(() => reader.take(3)).toThrow(DecodeError);
    expect(reader.position).toBe(0);
    expect([...reader.take(2)]).toEqual([1, 2]);
  });

  describe("within", () => {
    it("ends where it is told to", () => {
      const reader = new Reader(Uint8Array.of(1, 2, 3));
      reader.within(2, (inner) => {
        expect(inner.remaining).toBe(2);
        inner.take(2);
        expect(() => inner.uint(1)).toThrow("needs 1 bytes, has 0");
      });
      expect(reader.uint(1)).toBe(3);
    });

    it("refuses bytes that are left, and a length beyond the end", () => {
      const read = (length: number) =>
        new Reader(Uint8Array.of(1, 2, 3)).within(length, (inner) => inner.uint(1));
      expect(read(1)).toBe(1);
      expect(decodeErrorOf(() => read(2)).reason).toContain("1 bytes after the end");
      expect(decodeErrorOf(() => read(4)).reason).toBe("needs 4 bytes, has 3");
    });
  });

  describe("field", () => {
    it("records ranges only if it is asked to, outer fields first", () => {
      const read = (reader: Reader) =>
        reader.field("outer", () => [
          reader.field("[0]", () => reader.uint(1)),
          reader.field("inner", () => reader.uint(2)),
        ]);
      const bytes = Uint8Array.of(1, 2, 3);
      expect(read(new Reader(bytes))).toEqual([1, 0x0203]);
      const reader = new Reader(bytes);
      reader.fields = [];
      read(reader);
      expect(reader.fields).toEqual([
        { path: "outer", start: 0, end: 3, value: [1, 0x0203] },
        { path: "outer[0]", start: 0, end: 1, value: 1 },
        { path: "outer.inner", start: 1, end: 3, value: 0x0203 },
      ]);
    });
  });
});

describe("DecodeError", () => {
  it("gathers its path while it travels outwards", () => {
    const error = new DecodeError("too short").within("group").within("[2]").within("key_share");
    expect(error).toMatchObject({
      name: "DecodeError",
      path: "key_share[2].group",
      reason: "too short",
      message: "key_share[2].group: too short",
    });
    expect(new DecodeError("too short").message).toBe("too short");
  });
});
