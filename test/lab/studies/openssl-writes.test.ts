import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { opensslWrites } from "../../../src/lab/studies/openssl-writes.ts";
import { check } from "../../support/property.ts";

describe("opensslWrites", () => {
  it.each<[number[], number[]]>([
    [[], []],
    [[900, 1200], [2100]],
    [[900, 3196], [4096]],
    [
      [900, 3300, 100],
      [4096, 204],
    ],
    // What is left of a long record is written at once
    [
      [900, 16_406, 500],
      [4096, 13_210, 500],
    ],
    [[9875], [9875]],
    [
      [900, 16_406, 16_406],
      [4096, 13_210, 16_406],
    ],
  ])("%j are written as %j", (records, writes) => {
    expect(opensslWrites(records)).toEqual(writes);
  });

  it("write every byte once", () => {
    check(
      fc.property(fc.array(fc.integer({ min: 1, max: 17_000 })), (records) => {
        const sum = (sizes: number[]): number => sizes.reduce((total, size) => total + size, 0);
        const writes = opensslWrites(records);
        expect(sum(writes)).toBe(sum(records));
        expect(writes.every((write) => write > 0)).toBe(true);
      }),
    );
  });
});
