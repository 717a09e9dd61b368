import { describe, expect, it } from "vitest";
import { hashOf, seededRandom, type Suite, suites } from "../../../src/crypto/index.ts";
import { NumberedKeys } from "../../../src/lab/trace/record-number.ts";
import { concat } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { recordOf } from "./numbered-record.ts";

const random = seededRandom("record numbers");

/** The first of so many numbers that is right. */
function found(keys: NumberedKeys, record: Uint8Array, from = 0, most = 256): boolean {
  let tried = 0;
  for (const number of keys.numbersOf(record, from)) {
    if (keys.seek(record, number)) return true;
    if (++tried === most) break;
  }
  return false;
}

describe.each(providers)("the number of a record, $name,", ({ provider }) => {
  const sealed = (suite: Suite, secret: Uint8Array, number: number) => {
    const content = random(100);
    return { content, record: recordOf({ suite, secret, provider }, BigInt(number), content) };
  };

  it.each(
    suites.flatMap((suite) =>
      (suite.name.includes("GCM") ? [0, 7, 70_000, 2 ** 45 + 3] : [0, 7, 255]).map((number) => ({
        suite,
        number,
      })),
    ),
  )("is found: $number, $suite.name", ({ suite, number }) => {
    const secret = random(hashOf(suite, provider).length);
    const keys = new NumberedKeys(suite, secret, provider);
    const { record, content } = sealed(suite, secret, number);
    expect(found(keys, record)).toBe(true);
    expect(keys.open(record)).toEqual(concat(content, Uint8Array.of(23)));
    expect(keys.next).toBe(number + 1);
    // And goes on from there
    const next = sealed(suite, secret, number + 1);
    expect(keys.open(next.record)?.subarray(0, 100)).toEqual(next.content);
    expect(keys.open(record)).toBeUndefined();
  });

  it.each(suites)("is not found with another secret, or of a changed record: $name", (suite) => {
    const secret = random(hashOf(suite, provider).length);
    const { record } = sealed(suite, secret, 7);
    expect(found(new NumberedKeys(suite, random(secret.length), provider), record)).toBe(false);
    const keys = new NumberedKeys(suite, secret, provider);
    for (const at of [3, 10, record.length - 1]) {
      const changed = record.slice();
      changed[at]! ^= 1;
      expect(found(keys, changed)).toBe(false);
    }
    expect(found(keys, record.subarray(0, 20))).toBe(false);
    expect(found(keys, record)).toBe(true);
  });

  it("is at least what came before", () => {
    const suite = suites.find(({ name }) => name === "TLS_CHACHA20_POLY1305_SHA256")!;
    const secret = random(32);
    const { record } = sealed(suite, secret, 300);
    expect(found(new NumberedKeys(suite, secret, provider), record)).toBe(false);
    expect(found(new NumberedKeys(suite, secret, provider), record, 290)).toBe(true);
  });
});
