import { describe, expect, it } from "vitest";
import { concat, equal, fromHex, fromUtf8, toHex, utf8, wipe } from "../../src/wire/index.ts";

describe("concat", () => {
  it("joins in order into an array of its own", () => {
    const part = Uint8Array.of(1, 2);
    const joined = concat(part, new Uint8Array(0), Uint8Array.of(3));
    part.fill(0);
    expect(joined).toEqual(Uint8Array.of(1, 2, 3));
    expect(concat()).toEqual(new Uint8Array(0));
  });
});

describe("equal", () => {
  it("tells content and length apart", () => {
    expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equal(Uint8Array.of(1, 2), Uint8Array.of(2, 2))).toBe(false);
    expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
    expect(equal(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
    expect(equal(Uint8Array.of(1, 0), Uint8Array.of(1))).toBe(false);
    expect(equal(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });
});

describe("wipe", () => {
  it("overwrites what is there, and nothing else", () => {
    const secret = Uint8Array.of(1, 2);
    const other = Uint8Array.of(3);
    wipe(secret, undefined);
    expect(secret).toEqual(new Uint8Array(2));
    expect(other).toEqual(Uint8Array.of(3));
  });
});

describe("hexadecimal", () => {
  it("goes both ways, in lower case", () => {
    expect(toHex(Uint8Array.of(0, 0x0a, 0xff))).toBe("000aff");
    expect(fromHex("000AfF")).toEqual(Uint8Array.of(0, 0x0a, 0xff));
    expect(fromHex("")).toEqual(new Uint8Array(0));
  });

  it.each(["0", "0g", "0x00", " 00", "00 "])("refuses %j", (text) => {
    expect(() => fromHex(text)).toThrow(TypeError);
  });
});

describe("UTF-8", () => {
  it("goes both ways", () => {
    expect(utf8("aΩ")).toEqual(Uint8Array.of(0x61, 0xce, 0xa9));
    expect(fromUtf8(utf8("aΩ"))).toBe("aΩ");
    expect(fromUtf8(Uint8Array.of(0xff))).toBe("\ufffd");
  });
});
