import { describe, expect, it } from "vitest";
import { aeadOf, hashOf, seededRandom, suites } from "../../../src/crypto/index.ts";
import { NumberedKeys } from "../../../src/lab/trace/record-number.ts";
import { recordHeader } from "../../../src/record/protection.ts";
import { SecretOwner, TrafficSecret } from "../../../src/schedule/index.ts";
import { concat } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";

const random = seededRandom("record numbers");

describe.each(providers)("the number of a record, $name,", ({ provider }) => {
  /** Made here from RFC 9846 §5.2 and §5.3, since the engine writes no record but the next. */
  const recordOf = (suite: (typeof suites)[number], secret: Uint8Array, number: bigint) => {
    const aead = aeadOf(suite, provider);
    const owned = new TrafficSecret(hashOf(suite, provider), secret.slice(), new SecretOwner());
    const { key, iv } = owned.keys(aead.keyLength);
    const nonce = new DataView(iv.slice().buffer);
    nonce.setBigUint64(4, nonce.getBigUint64(4) ^ number);
    const content = random(100);
    const header = recordHeader(23, content.length + 1 + 16);
    const sealed = aead
      .importKey(key)
      .seal(new Uint8Array(nonce.buffer), header, content, Uint8Array.of(23));
    return { content, record: concat(header, ...sealed) };
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
    const { record, content } = recordOf(suite, secret, BigInt(number));
    expect(keys.seek(record, 0)).toBe(true);
    expect(keys.open(record)).toEqual(concat(content, Uint8Array.of(23)));
    expect(keys.next).toBe(number + 1);
    // And goes on from there
    const next = recordOf(suite, secret, BigInt(number + 1));
    expect(keys.open(next.record)?.subarray(0, 100)).toEqual(next.content);
    expect(keys.open(record)).toBeUndefined();
  });

  it.each(suites)("is not found with another secret, or of a changed record: $name", (suite) => {
    const secret = random(hashOf(suite, provider).length);
    const { record } = recordOf(suite, secret, 7n);
    expect(new NumberedKeys(suite, random(secret.length), provider).seek(record, 0)).toBe(false);
    const keys = new NumberedKeys(suite, secret, provider);
    for (const at of [3, 10, record.length - 1]) {
      const changed = record.slice();
      changed[at]! ^= 1;
      expect(keys.seek(changed, 0)).toBe(false);
    }
    expect(keys.seek(record.subarray(0, 20), 0)).toBe(false);
    expect(keys.seek(record, 0)).toBe(true);
  });

  it("is at least what came before", () => {
    const suite = suites.find(({ name }) => name === "TLS_CHACHA20_POLY1305_SHA256")!;
    const secret = random(32);
    const { record } = recordOf(suite, secret, 300n);
    expect(new NumberedKeys(suite, secret, provider).seek(record, 0)).toBe(false);
    expect(new NumberedKeys(suite, secret, provider).seek(record, 290)).toBe(true);
  });
});
