import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { HashName } from "../../src/crypto/index.ts";
import { concat, fromHex, toHex, utf8 } from "../../src/wire/index.ts";
import { providers } from "./providers.ts";

const names: readonly HashName[] = ["sha256", "sha384", "sha512"];
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);

describe.each(providers)("hashes of $name", ({ provider }) => {
  const { sha256 } = provider.hashes;

  it.each(names)("%s digests as FIPS 180-4 says", (name) => {
    const hash = provider.hashes[name];
    expect(hash.name).toBe(name);
    for (const length of [0, 1, 55, 64, 111, 112, 128, 1000]) {
      const digest = hash.digest(bytes(length));
      expect(digest).toHaveLength(hash.length);
      expect(toHex(digest)).toBe(createHash(name).update(bytes(length)).digest("hex"));
    }
  });

  it.each(names)("%s goes on after it was read", (name) => {
    const hash = provider.hashes[name];
    const running = hash.start();
    expect(running.digest()).toEqual(hash.digest(new Uint8Array()));
    running.update(utf8("ab"));
    expect(running.digest()).toEqual(hash.digest(utf8("ab")));
    expect(running.digest()).toEqual(hash.digest(utf8("ab")));
    running.update(utf8("c"));
    expect(running.digest()).toEqual(hash.digest(utf8("abc")));
  });

  // RFC 5869 appendix A.1: Extract, then two blocks of Expand
  it("derives what HKDF does", () => {
    const prk = sha256.hmac(
      fromHex("000102030405060708090a0b0c"),
      fromHex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
    );
    expect(toHex(prk)).toBe("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    const info = fromHex("f0f1f2f3f4f5f6f7f8f9");
    const first = sha256.hmac(prk, concat(info, Uint8Array.of(1)));
    const second = sha256.hmac(prk, concat(first, info, Uint8Array.of(2)));
    expect(toHex(concat(first, second).subarray(0, 42))).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
  });

  it.each(names)("%s makes HMACs of every size of key and data", (name) => {
    for (const keyLength of [0, 1, 32, 64, 65, 128, 129]) {
      for (const dataLength of [0, 1, 511, 512, 513, 2000]) {
        const key = bytes(keyLength);
        const data = bytes(dataLength);
        const expected = createHmac(name, key).update(data).digest("hex");
        expect(toHex(provider.hashes[name].hmac(key, data))).toBe(expected);
        expect(key).toEqual(bytes(keyLength));
      }
    }
  });

  it("gives arrays of their own", () => {
    const first = sha256.hmac(bytes(32), bytes(10));
    const copy = first.slice();
    sha256.hmac(bytes(16), bytes(20)).fill(0);
    expect(first).toEqual(copy);
    expect(first.buffer.byteLength).toBe(32);
    expect(Object.getPrototypeOf(sha256.digest(bytes(3)))).toBe(Uint8Array.prototype);
  });
});
