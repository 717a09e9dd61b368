import { describe, expect, it } from "vitest";
import { array, assert, constantFrom, nat, property, uint8Array } from "fast-check";
import { type DerReader, readDer } from "../../../src/identity/der/der-reader.ts";
import { constructed, primitive, Tag } from "../../../src/identity/der/der-tags.ts";
import * as write from "../../../src/identity/der/der-writer.ts";
import { concat, DecodeError, fromHex, toHex } from "../../../src/wire/index.ts";

const reading = <T>(hex: string, read: (reader: DerReader) => T): T => readDer(fromHex(hex), read);

describe("headers (X.690 §8.1, §10.1)", () => {
  it.each([
    ["3000", ""],
    ["04020102", "0102"],
    [`0481 80${"00".repeat(128)}`, "00".repeat(128)],
    [`0482 0100${"00".repeat(256)}`, "00".repeat(256)],
  ])("takes %s", (hex, contents) => {
    const bytes = fromHex(hex.replaceAll(" ", ""));
    expect(
      toHex(readDer(bytes, (reader) => reader.read(bytes[0] ?? 0, "x", (r) => r.rest()))),
    ).toBe(contents);
    expect(readDer(bytes, (reader) => reader.element("x"))).toEqual(bytes);
  });

  it.each([
    ["", /expected an element, got the end/],
    ["30", /ends within the header/],
    ["3001", /needs 1 bytes, has 0/],
    ["3080 0000", /definite/],
    ["048101 00", /not minimal/],
    [`04820080${"00".repeat(128)}`, /not minimal/],
    [`0483000100${"00".repeat(256)}`, /not minimal/],
    ["04850000000000", /at most 4 octets/],
    ["0484ffffffff", /needs 4294967295 bytes/],
    ["1f8101 00", /tag numbers above 30/],
    ["040100 00", /1 bytes are left over/],
  ])("refuses %s", (hex, reason) => {
    expect(() => reading(hex.replaceAll(" ", ""), (reader) => reader.element("x"))).toThrow(reason);
  });

  it("names the field by its path", () => {
    const read = (): unknown =>
      reading("3006 3004 0201ff 00".replaceAll(" ", ""), (reader) =>
        reader.sequence("a", (a) => a.sequence("b", (b) => b.count("c"))),
      );
    expect(read).toThrow(/^a\.b\.c: must not be negative$/);
    expect(() => reading("0500", (reader) => reader.sequence("a", () => 0))).toThrow(
      /^a: expected sequence, got null$/,
    );
  });

  it("refuses what is left inside a structure", () => {
    expect(() =>
      reading("300402010005 00".replaceAll(" ", ""), (reader) =>
        reader.sequence("a", (a) => a.count("b")),
      ),
    ).toThrow(DecodeError);
    expect(reading("3003020105", (reader) => reader.sequence("a", (a) => a.count("b")))).toBe(5);
  });
});

describe("primitive types", () => {
  it("BOOLEAN is 00 or ff (X.690 §11.1)", () => {
    expect(reading("0101ff", (reader) => reader.boolean("x"))).toBe(true);
    expect(reading("010100", (reader) => reader.boolean("x"))).toBe(false);
    for (const hex of ["010101", "0100", "0102ffff"]) {
      expect(() => reading(hex, (reader) => reader.boolean("x"))).toThrow(/00 or ff/);
    }
  });

  it("INTEGER is minimal (X.690 §8.3.2)", () => {
    expect(toHex(reading("02020080", (reader) => reader.integer("x")))).toBe("0080");
    expect(reading("02020100", (reader) => reader.count("x"))).toBe(256);
    expect(reading("02080100000000000000", (reader) => reader.count("x"))).toBe(0x7fffffff);
    for (const hex of ["0200", "0202007f", "0202ff80"]) {
      expect(() => reading(hex, (reader) => reader.integer("x"))).toThrow(/INTEGER/);
    }
    expect(() => reading("020180", (reader) => reader.count("x"))).toThrow(/negative/);
  });

  it("OBJECT IDENTIFIER has minimal arcs (X.690 §8.19)", () => {
    for (const [hex, dotted] of [
      ["0603551d11", "2.5.29.17"],
      ["06032b6570", "1.3.101.112"],
      ["06092a864886f70d01010b", "1.2.840.113549.1.1.11"],
      ["0603883703", "2.999.3"],
      ["060127", "0.39"],
    ] as const) {
      expect(reading(hex, (reader) => reader.oid("x"))).toBe(dotted);
      expect(toHex(write.oid(dotted))).toBe(hex);
    }
    expect(() => reading("0600", (reader) => reader.oid("x"))).toThrow(/cut off/);
    expect(() => reading("06022a86", (reader) => reader.oid("x"))).toThrow(/cut off/);
    expect(() => reading("06032a8001", (reader) => reader.oid("x"))).toThrow(/minimal/);
  });

  it("BIT STRING pads with zeros (X.690 §11.2)", () => {
    expect(reading("03020780", (reader) => reader.namedBits("x"))).toEqual([0]);
    expect(reading("0303070680", (reader) => reader.namedBits("x"))).toEqual([5, 6, 8]);
    expect(reading("030100", (reader) => reader.namedBits("x"))).toEqual([]);
    expect(toHex(write.namedBits([5, 6, 8]))).toBe("0303070680");
    expect(toHex(write.namedBits([]))).toBe("030100");
    for (const hex of ["0300", "030101", "03020880", "03020781"]) {
      expect(() => reading(hex, (reader) => reader.namedBits("x"))).toThrow(DecodeError);
    }
    expect(() => reading("030207a0", (reader) => reader.bitString("x"))).toThrow(/whole octets/);
  });

  it("times are UTC, to the second (RFC 5280 §4.1.2.5)", () => {
    const text = (tag: number, value: string): Uint8Array => write.der(tag, write.ascii(value));
    const at = (tag: number, value: string): number =>
      readDer(text(tag, value), (reader) => reader.time("x"));
    expect(at(Tag.utcTime, "261101000000Z")).toBe(Date.UTC(2026, 10, 1));
    expect(at(Tag.utcTime, "500101000000Z")).toBe(Date.UTC(1950, 0, 1));
    expect(at(Tag.utcTime, "491231235959Z")).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
    expect(at(Tag.generalizedTime, "00500101000000Z")).toBeLessThan(Date.UTC(1950, 0, 1));
    expect(at(Tag.utcTime, "240229000000Z")).toBe(Date.UTC(2024, 1, 29));
    for (const value of [
      "2611010000Z",
      "261101000000+0000",
      "261101000000",
      "230229000000Z",
      "261301000000Z",
      "260001000000Z",
      "261101240000Z",
      "261101006000Z",
      "261101000060Z",
      "2611010000000Z",
    ]) {
      expect(() => at(Tag.utcTime, value)).toThrow(/not a time/);
    }
    expect(() => at(Tag.generalizedTime, "20261101000000.5Z")).toThrow(/not a time/);
    expect(write.time(Date.UTC(2049, 11, 31))).toEqual(text(Tag.utcTime, "491231000000Z"));
    expect(write.time(Date.UTC(2050, 0, 1))).toEqual(text(Tag.generalizedTime, "20500101000000Z"));
  });

  it("names are ASCII without NUL", () => {
    expect(reading("16036162 63".replace(" ", ""), (reader) => reader.ascii("x"))).toBe("abc");
    for (const hex of ["1603610063", "1602c3a4"]) {
      expect(() => reading(hex, (reader) => reader.ascii("x"))).toThrow(/ASCII/);
    }
  });
});

describe("what is written can be read", () => {
  it("elements of any length", () => {
    assert(
      property(
        uint8Array({ maxLength: 70_000 }),
        constantFrom(primitive(3), constructed(0)),
        (bytes, tag) => {
          const element = write.der(tag, bytes);
          expect(
            readDer(element, (reader) => reader.read(tag, "x", (contents) => contents.rest())),
          ).toEqual(bytes);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("integers and identifiers", () => {
    assert(
      property(nat(), array(nat(), { minLength: 1, maxLength: 8 }), (number, arcs) => {
        expect(readDer(write.unsigned(number), (reader) => reader.count("x"))).toBe(
          Math.min(number, 0x7fffffff),
        );
        const dotted = ["2", ...arcs].join(".");
        expect(readDer(write.oid(dotted), (reader) => reader.oid("x"))).toBe(dotted);
      }),
    );
  });

  it("no bytes make the reader fail with anything but a DecodeError", () => {
    assert(
      property(uint8Array({ maxLength: 40 }), (bytes) => {
        for (const wrapped of [bytes, write.sequence(bytes)]) {
          try {
            readDer(wrapped, (reader) =>
              reader.sequence("x", (contents) => contents.each(0, (r, at) => r.oid(at))),
            );
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
      }),
    );
    expect(() => readDer(concat(), (reader) => reader.oid("x"))).toThrow(DecodeError);
  });
});
