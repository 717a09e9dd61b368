import { describe, expect, it } from "vitest";
import { derOfBer } from "../../../src/identity/der/ber.ts";
import { createDevelopmentCa } from "../../../src/identity/index.ts";
import { noble } from "../../../src/crypto/index.ts";
import { fromHex, toHex } from "../../../src/wire/index.ts";
import { decodeErrorOf } from "../../support/errors.ts";
import { berOf } from "./ber-writer.ts";

const { der } = createDevelopmentCa({ provider: noble, now: Date.now() }).certificate;

describe("BER", () => {
  it("becomes DER, and DER stays what it is", () => {
    expect(derOfBer(der)).toEqual(der);
    const ber = berOf(der);
    expect(ber.length).toBeGreaterThan(der.length + 50);
    expect(derOfBer(ber)).toEqual(der);
  });

  it.each([
    ["a length left open", "3080020105 0000", "3003020105"],
    ["a length that is too long", "308200030201 05", "3003020105"],
    ["a string in pieces", "2480 0401aa 0402bbcc 0000", "0403aabbcc"],
    ["pieces of pieces", "2480 2480 0401aa 0000 0401bb 0000", "0402aabb"],
    ["pieces with a length", "2406 0401aa 0401bb", "0402aabb"],
    ["no content", "3080 0000", "3000"],
    ["zeros within", "3080 04020000 0000", "300404020000"],
  ])("%s is read", (_, ber, expected) => {
    expect(toHex(derOfBer(fromHex(ber.replaceAll(" ", ""))))).toBe(expected);
  });

  it.each([
    ["nothing", "", /got the end/],
    ["no end", "3080020105", /got the end/],
    ["half an end", "308002010500", /got the end/],
    ["something behind it", "30000000", /left over/],
    ["an end that comes too early", "30050201", /ends too early/],
    ["an element that is longer than what holds it", "3003020205 00", /ends too early/],
    ["an open length of what is not constructed", "0480 00 0000", /nothing is constructed/],
    ["a string of something else", "2403020105", /made of others/],
    ["a long tag", "1f8100", /several octets/],
    ["a length of five octets", "30850000000001 00", /length is not read/],
    ["too much", `3080${"0500".repeat(65_536)}0000`, /more than 65536 elements/],
    ["too deep", "3080".repeat(40) + "0000".repeat(40), /deeper than 32/],
  ])("%s is refused", (_, hex, message) => {
    const bytes = fromHex(hex.replaceAll(" ", ""));
    expect(decodeErrorOf(() => derOfBer(bytes)).message).toMatch(message);
  });

  it("may have many elements", () => {
    expect(derOfBer(fromHex(`3080${"0500".repeat(65_535)}0000`))).toHaveLength(5 + 131_070);
  });

  it("cut short anywhere is refused", () => {
    const ber = berOf(der);
    for (let length = 0; length < ber.length; length += 7) {
      decodeErrorOf(() => derOfBer(ber.subarray(0, length)));
    }
  });
});
