import { describe, expect, it } from "vitest";
import { Writer } from "../../src/wire/index.ts";

describe("Writer", () => {
  it("grows as it is written to", () => {
    const writer = new Writer(1);
    for (let i = 0; i < 1000; i++) writer.uint(2, i);
    writer.append(new Uint8Array(5000).fill(7));
    const bytes = writer.finish();
    expect(writer.length).toBe(7000);
    expect(bytes).toHaveLength(7000);
    expect([...bytes.subarray(1996, 2002)]).toEqual([0x03, 0xe6, 0x03, 0xe7, 7, 7]);
  });

  it("writes numbers with the most significant byte first, and only those that fit", () => {
    const writer = new Writer();
    writer.uint(4, 0xfffefdfc);
    writer.uint(3, 0x010203);
    expect([...writer.finish()]).toEqual([0xff, 0xfe, 0xfd, 0xfc, 1, 2, 3]);
    for (const wrong of [256, -1, 1.5, Number.NaN, Infinity]) {
      expect(() => writer.uint(1, wrong)).toThrow(RangeError);
    }
  });

  it("puts lengths in front, nested and within bounds", () => {
    const writer = new Writer(1);
    const outer = writer.begin(2);
    const inner = writer.begin(1);
    writer.append(Uint8Array.of(5, 6));
    writer.end(inner, 1, 0, 9);
    writer.uint(1, 7);
    writer.end(outer, 2, 0, 9);
    expect([...writer.finish()]).toEqual([0, 4, 2, 5, 6, 7]);
    const two = (min: number, max: number) => () => {
      const vector = new Writer();
      const at = vector.begin(1);
      vector.uint(2, 0);
      vector.end(at, 1, min, max);
    };
    expect(two(2, 2)).not.toThrow();
    expect(two(3, 9)).toThrow("2 bytes do not fit a vector of 3 to 9");
    expect(two(0, 1)).toThrow(RangeError);
  });

  it("gives each result memory of its own, and begins the next without the bytes of the last", () => {
    const first = new Writer();
    first.append(new Uint8Array(100).fill(7));
    const kept = first.finish();
    const second = new Writer();
    second.begin(100);
    expect([...second.finish()]).toEqual(Array(100).fill(0));
    expect([...kept]).toEqual(Array(100).fill(7));
    expect(kept.buffer.byteLength).toBe(100);
  });
});
