import { describe, expect, it } from "vitest";
import { joinSmall, layOut } from "../../../src/transport/node/layout.ts";

const chunks = (...sizes: readonly number[]): Buffer[] =>
  sizes.map((size, index) => Buffer.alloc(size, index + 1));
const sizesOf = (pieces: readonly Uint8Array[]): number[] => pieces.map(({ length }) => length);

describe("laying out what a stream sends", () => {
  it.each([
    [[], []],
    [[0, 0], []],
    [[5], [5]],
    [[10, 20, 30], [60]],
    [
      [16_000, 384, 1],
      [16_384, 1],
    ],
    [
      [100, 20_000, 100],
      [100, 20_000, 100],
    ],
    [[600_000], [262_144, 262_144, 75_712]],
  ])("puts %j into %j", (given, expected) => {
    const made = chunks(...given);
    const pieces = layOut(made);
    expect(sizesOf(pieces)).toEqual(expected);
    expect(Buffer.concat(pieces)).toEqual(Buffer.concat(made));
  });

  it("does not copy what fills a record", () => {
    const [large] = chunks(16_384);
    expect(layOut([large!])[0]).toBe(large);
    const [huge] = chunks(300_000);
    expect(layOut([huge!])[1]!.buffer).toBe(huge!.buffer);
  });
});

describe("joining what goes to the transport", () => {
  it("makes one chunk of a flight", () => {
    const made = chunks(5, 1200, 16);
    const joined = joinSmall(made);
    expect(sizesOf(joined)).toEqual([1221]);
    expect(joined[0]).toEqual(Buffer.concat(made));
  });

  it("leaves a single chunk, and bulk, as they are", () => {
    const single = chunks(100);
    expect(joinSmall(single)).toBe(single);
    const bulk = chunks(5, 8_188);
    expect(joinSmall(bulk)).toBe(bulk);
  });
});
