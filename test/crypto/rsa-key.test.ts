import { describe, expect, it } from "vitest";
import { InvalidKey } from "../../src/crypto/index.ts";
import { parseRsaPublicKey } from "../../src/crypto/rsa-key.ts";
import { concat, fromHex, toHex } from "../../src/wire/index.ts";
import { der } from "./keys.ts";

const modulus = (bytes: number) => new Uint8Array(bytes).fill(0xff);
const integer = (unsigned: Uint8Array) => concat(Uint8Array.of(0), unsigned);

const keyOf = (n: Uint8Array, e = "010001") => der(0x30, der(0x02, n), der(0x02, fromHex(e)));

describe("RSAPublicKey (RFC 8017 §A.1.1)", () => {
  it("gives both numbers without leading zeros", () => {
    const key = parseRsaPublicKey(keyOf(integer(modulus(256))));
    expect(key.modulus).toEqual(modulus(256));
    expect(toHex(key.exponent)).toBe("010001");
  });

  it.each([
    ["1024 bits", keyOf(integer(modulus(128)))],
    ["8192 bits", keyOf(integer(modulus(1024)))],
    ["the exponent 3", keyOf(integer(modulus(256)), "03")],
    ["an exponent of 31 bits", keyOf(integer(modulus(256)), "7fffffff")],
  ])("takes %s", (_, key) => {
    expect(() => parseRsaPublicKey(key)).not.toThrow();
  });

  it.each([
    ["1023 bits", keyOf(concat(Uint8Array.of(0x7f), modulus(127)))],
    ["8200 bits", keyOf(integer(modulus(1025)))],
    ["an even modulus", keyOf(concat(integer(modulus(255)), Uint8Array.of(0xfe)))],
    ["the exponent 1", keyOf(integer(modulus(256)), "01")],
    ["an even exponent", keyOf(integer(modulus(256)), "010000")],
    ["an exponent of 32 bits", keyOf(integer(modulus(256)), "0080000001")],
    ["a negative modulus", keyOf(modulus(256))],
    ["a padded modulus", keyOf(concat(Uint8Array.of(0), integer(modulus(256))))],
    ["a padded exponent", keyOf(integer(modulus(256)), "00010001")],
    ["an empty exponent", keyOf(integer(modulus(256)), "")],
    ["trailing bytes", concat(keyOf(integer(modulus(256))), new Uint8Array(1))],
    ["a truncated sequence", keyOf(integer(modulus(256))).subarray(0, -1)],
    [
      "a third integer",
      der(0x30, concat(keyOf(integer(modulus(256))).subarray(4), fromHex("020101"))),
    ],
    ["another tag", der(0x31, keyOf(integer(modulus(256))).subarray(4))],
    ["a length that is not the shortest", fromHex("308106020103020103")],
    ["an indefinite length", fromHex("30800201030201030000")],
    ["nothing", new Uint8Array()],
  ])("refuses %s", (_, key) => {
    expect(() => parseRsaPublicKey(key)).toThrow(InvalidKey);
  });
});
