import { describe, expect, it } from "vitest";
import { padToMultipleOf, trailerOf } from "../../src/record/padding.ts";

// RFC 9846 §5.4
describe("the trailer of a record", () => {
  it("is the content type alone, where nobody pads", () => {
    expect(trailerOf(undefined, 22, 100, 50)).toEqual(Uint8Array.of(22));
    expect(trailerOf(() => 0, 23, 100, 50)).toEqual(Uint8Array.of(23));
  });

  it("has as many zeros as the policy wants, and as there is room for", () => {
    const asked: number[][] = [];
    const policy = (length: number, type: number) => {
      asked.push([length, type]);
      return 3;
    };
    expect(trailerOf(policy, 23, 100, 50)).toEqual(Uint8Array.of(23, 0, 0, 0));
    expect(trailerOf(policy, 21, 2, 1)).toEqual(Uint8Array.of(21, 0));
    expect(asked).toEqual([
      [100, 23],
      [2, 21],
    ]);
  });

  it.each([-1, 0.5, NaN, Infinity])("is not made of %s bytes", (padding) => {
    expect(() => trailerOf(() => padding, 23, 1, 50)).toThrow(RangeError);
  });

  it("fills up to a multiple, type included", () => {
    const lengths = [0, 1, 14, 15, 16].map((length) => padToMultipleOf(16)(length, 23));
    expect(lengths).toEqual([15, 14, 1, 0, 15]);
  });
});
