import { describe, expect, it } from "vitest";
import {
  annotate,
  code,
  decode,
  distinct,
  empty,
  encode,
  fixed,
  list,
  opaque,
  rest,
  struct,
  text,
  uint16,
  uint24,
  uint32,
  uint8,
} from "../../src/wire/index.ts";
import { bytesOf, itReads } from "../support/codec.ts";
import { decodeErrorOf } from "../support/errors.ts";

// RFC 9846 §3.3
describe.each([
  ["uint8", uint8, "ff", 0xff],
  ["uint16", uint16, "0102", 0x0102],
  ["uint24", uint24, "010203", 0x010203],
  ["uint32", uint32, "fffefdfc", 0xfffefdfc],
] as const)("%s", (_, codec, hex, value) => {
  itReads(codec, { accepts: [[hex, value]], refuses: [["", /needs \d bytes, has 0/]] });

  it("refuses to write what does not fit", () => {
    const tooLarge = 2 ** (4 * hex.length);
    for (const wrong of [-1, 0.5, tooLarge, Number.NaN]) {
      expect(() => encode(codec, wrong)).toThrow(RangeError);
    }
    expect(encode(codec, tooLarge - 1)).toHaveLength(hex.length / 2);
  });
});

// RFC 9846 §3.5
describe("code", () => {
  const color = code(uint16, { red: 3, blue: 7 });
  itReads(color, {
    accepts: [
      ["0003", 3],
      ["1234", 0x1234],
    ],
    refuses: [["03", /needs 2 bytes, has 1/]],
  });

  it("keeps its members for those who ask", () => {
    expect(color.shape).toEqual({ kind: "code", size: 2, members: { red: 3, blue: 7 } });
  });
});

describe("fixed", () => {
  itReads(fixed(3), {
    accepts: [["010203", bytesOf("010203")]],
    refuses: [["0102", /needs 3 bytes, has 2/]],
  });

  it("refuses to write another length", () => {
    expect(() => encode(fixed(3), new Uint8Array(2))).toThrow("2 bytes instead of 3");
  });

  it("copies, so that a value does not change with the input", () => {
    const input = bytesOf("010203");
    const value = decode(fixed(3), input);
    input.fill(0);
    expect(value).toEqual(bytesOf("010203"));
  });
});

// RFC 9846 §3.4
describe("opaque", () => {
  itReads(opaque(1, 4), {
    accepts: [["02 0102", bytesOf("0102")]],
    refuses: [
      ["00", /length 0 is outside 1\.\.4/],
      ["05 0102030405", /length 5 is outside 1\.\.4/],
      ["03 0102", /needs 3 bytes, has 2/],
      ["", /needs 1 bytes, has 0/],
    ],
  });

  it.each([
    [255, 1],
    [256, 2],
    [65535, 2],
    [65536, 3],
  ])("with at most %d bytes has a length of %d", (max, size) => {
    expect(encode(opaque(0, max), new Uint8Array(0))).toHaveLength(size);
  });

  it.each([
    [0, 255],
    [2, 300],
    [1, 65535],
  ])("<%d..%d> takes its bounds and nothing beyond", (min, max) => {
    const codec = opaque(min, max);
    for (const length of [min, max]) {
      expect(decode(codec, encode(codec, new Uint8Array(length)))).toHaveLength(length);
    }
    expect(() => encode(codec, new Uint8Array(max + 1))).toThrow(RangeError);
    if (min > 0) expect(() => encode(codec, new Uint8Array(min - 1))).toThrow(RangeError);
  });
});

describe("text", () => {
  itReads(text(1, 20), {
    accepts: [
      ["02 6832", "h2"],
      ["02 00ff", "\0\u00ff"],
    ],
    refuses: [["00", /outside 1\.\.20/]],
  });

  it("refuses characters of more than a byte", () => {
    expect(() => encode(text(1, 20), "Ω")).toThrow(RangeError);
  });
});

describe("list", () => {
  itReads(list(uint16, 2, 6), {
    accepts: [["04 00010002", [1, 2]]],
    refuses: [
      ["00", /length 0 is outside 2\.\.6/],
      ["08 0001000200030004", /length 8 is outside 2\.\.6/],
      ["03 000100", /^\[1\]: needs 2 bytes, has 1/],
      ["06 00010002", /needs 6 bytes, has 4/],
    ],
  });

  it("bounds bytes, not elements", () => {
    expect(encode(list(uint16, 2, 6), [1, 2, 3])).toHaveLength(7);
    expect(() => encode(list(uint16, 2, 6), [1, 2, 3, 4])).toThrow("8 bytes do not fit");
    expect(() => encode(list(uint16, 2, 6), [])).toThrow("0 bytes do not fit");
  });
});

describe("distinct", () => {
  itReads(distinct(list(uint16, 2, 6)), {
    accepts: [["04 00010002", [1, 2]]],
    refuses: [
      ["04 00010001", /a value stands twice/],
      ["03 000100", /^\[1\]: needs 2 bytes, has 1/],
    ],
  });
});

describe("struct", () => {
  const Inner = struct({ kind: uint8, data: opaque(0, 9) });
  const Outer = struct({ first: uint16, inners: list(Inner, 0, 99), last: uint8 });
  itReads(Outer, {
    accepts: [
      [
        "0102 06 05 02 aabb 06 00 ff",
        {
          first: 0x0102,
          inners: [
            { kind: 5, data: bytesOf("aabb") },
            { kind: 6, data: bytesOf("") },
          ],
          last: 0xff,
        },
      ],
    ],
    refuses: [
      ["01", /^first: needs 2 bytes, has 1/],
      ["0102 06 05 02 aabb 06 01 ff", /^inners\[1\]\.data: needs 1 bytes, has 0/],
      ["0102 00", /^last: /],
      ["0102 00 ff 00", /1 bytes after the end/],
    ],
  });

  it("names the field that failed, outermost first", () => {
    const error = decodeErrorOf(() => decode(Outer, bytesOf("0102 02 05 0a ff")));
    expect(error).toMatchObject({ path: "inners[0].data", reason: "length 10 is outside 0..9" });
  });

  it("says where every field stands", () => {
    const { fields } = annotate(Outer, bytesOf("0102 04 05 02 aabb ff"));
    expect(fields.map(({ path, start, end }) => [path, start, end])).toEqual([
      ["first", 0, 2],
      ["inners", 2, 7],
      ["inners[0]", 3, 7],
      ["inners[0].kind", 3, 4],
      ["inners[0].data", 4, 7],
      ["last", 7, 8],
    ]);
    expect(fields[4]?.value).toEqual(bytesOf("aabb"));
  });
});

describe("empty", () => {
  itReads(empty, { accepts: [["", true]], refuses: [["00", /1 bytes after the end/]] });
});

describe("rest", () => {
  itReads(struct({ tag: uint8, data: rest }), {
    accepts: [
      ["01", { tag: 1, data: bytesOf("") }],
      ["01 0203", { tag: 1, data: bytesOf("0203") }],
    ],
    refuses: [["", /^tag: /]],
  });

  it("ends with the structure around it", () => {
    const codec = list(struct({ data: rest }), 0, 9);
    expect(decode(codec, bytesOf("02 0102"))).toEqual([{ data: bytesOf("0102") }]);
  });
});
