import * as zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import { certificateCompressors } from "../../../src/node.ts";
import { concat, utf8 } from "../../../src/wire/index.ts";
import { ca } from "./support.ts";

const chain = concat(ca.certificate.der, ca.certificate.der, utf8("and some more"));
const names = ["zlib", "brotli", "zstd"];

describe("certificate compressors", () => {
  const hasZstd = "zstdCompressSync" in zlib;
  const algorithms = certificateCompressors.map(({ algorithm }) => algorithm);

  it("are brotli, zlib, and zstd between them where this Node has it", () => {
    expect(algorithms).toEqual(hasZstd ? [2, 3, 1] : [2, 1]);
  });

  it("have zstd", ({ skip }) => {
    if (!hasZstd) skip(`Node ${process.version} has no zstd`);
    expect(algorithms).toContain(3);
  });

  it.each(certificateCompressors.map((each) => [names[each.algorithm - 1], each] as const))(
    "%s gives back what it was given, smaller in between",
    (_, { compress, decompress }) => {
      const compressed = compress(chain);
      expect(compressed.length).toBeLessThan(chain.length * 0.8);
      expect(new Uint8Array(decompress(compressed, chain.length))).toEqual(chain);
      expect(new Uint8Array(decompress(compressed, chain.length + 1))).toEqual(chain);
    },
  );

  it.each(certificateCompressors.map((each) => [names[each.algorithm - 1], each] as const))(
    "%s refuses what is longer than it said, damaged, cut, or goes on",
    (_, { compress, decompress }) => {
      const compressed = compress(chain);
      expect(() => decompress(compressed, chain.length - 1)).toThrow(Error);
      expect(() => decompress(compressed.subarray(0, -1), chain.length)).toThrow(Error);
      expect(() => decompress(concat(compressed, Uint8Array.of(0)), chain.length)).toThrow(Error);
      expect(() => decompress(utf8("this was never compressed"), chain.length)).toThrow(Error);
      expect(() => decompress(new Uint8Array(0), chain.length)).toThrow(Error);
    },
  );

  it.each(certificateCompressors.map((each) => [names[each.algorithm - 1], each] as const))(
    "%s stops a bomb where it was told to",
    (_, { compress, decompress }) => {
      const bomb = compress(new Uint8Array(50_000_000));
      expect(bomb.length).toBeLessThan(60_000);
      const before = process.memoryUsage().arrayBuffers;
      expect(() => decompress(bomb, 4000)).toThrow(Error);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
    },
  );

  it.each(certificateCompressors.map((each) => [names[each.algorithm - 1], each] as const))(
    "%s compresses a chain once, remembers only a few, and keeps no buffer of the caller's",
    (_, { compress }) => {
      const mine = chain.slice();
      const first = compress(mine);
      expect(compress(chain)).toBe(first);
      mine.fill(0);
      expect(compress(chain)).toBe(first);
      for (let i = 0; i < 16; i++) compress(utf8(`another chain, the ${i}th`));
      const again = compress(chain);
      expect(again).not.toBe(first);
      expect(again).toEqual(first);
    },
  );
});
