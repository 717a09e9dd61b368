import { describe, expect, it } from "vitest";
import { hkdfExpandLabel, hkdfExtract } from "../../src/schedule/index.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { bytesOf } from "../support/codec.ts";

const none = new Uint8Array(0);

describe.each(providers)("HKDF with $name", ({ provider }) => {
  const { sha256, sha384 } = provider.hashes;

  // RFC 5869 Appendix A.1
  it("extracts", () => {
    const salt = bytesOf("000102030405060708090a0b0c");
    expect(hkdfExtract(sha256, salt, new Uint8Array(22).fill(0x0b))).toEqual(
      bytesOf("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
    );
  });

  // RFC 8448 §3
  it("expands a label", () => {
    const secret = bytesOf("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21");
    expect(hkdfExpandLabel(sha256, secret, "key", none, 16)).toEqual(
      bytesOf("dbfaa693d1762c5b666af5d950258d01"),
    );
    expect(hkdfExpandLabel(sha256, secret, "iv", none, 12)).toEqual(
      bytesOf("5bd3c71b836e0b76bb73265f"),
    );
  });

  it.each([
    ["sha256", sha256],
    ["sha384", sha384],
  ])("expands to any length: %s", (_, hash) => {
    const secret = new Uint8Array(hash.length).fill(1);
    // RFC 9846 §7.1, by the definition: blocks of HMAC over block, HkdfLabel and counter
    const expand = (label: string, context: Uint8Array, length: number): Uint8Array => {
      const name = utf8(`tls13 ${label}`);
      const info = concat(
        Uint8Array.of(length >> 8, length & 0xff, name.length),
        name,
        Uint8Array.of(context.length),
        context,
      );
      let block: Uint8Array = none;
      let output: Uint8Array = none;
      for (let counter = 1; output.length < length; counter++) {
        block = hash.hmac(secret, concat(block, info, Uint8Array.of(counter)));
        output = concat(output, block);
      }
      return output.subarray(0, length);
    };
    for (const length of [
      1,
      hash.length - 1,
      hash.length,
      hash.length + 1,
      300,
      255 * hash.length,
    ]) {
      // The layout of a known label is kept: for this length, and this length of the context
      for (const context of [none, Uint8Array.of(1, 2, 3), secret, none]) {
        for (const label of ["key", "a label of one's own"]) {
          expect(hkdfExpandLabel(hash, secret, label, context, length)).toEqual(
            expand(label, context, length),
          );
        }
      }
    }
  });

  it("gives no more than 255 blocks, and takes no label beyond its bound", () => {
    const secret = new Uint8Array(32);
    expect(() => hkdfExpandLabel(sha256, secret, "key", none, 255 * 32 + 1)).toThrow(RangeError);
    expect(hkdfExpandLabel(sha256, secret, "x".repeat(249), none, 1)).toHaveLength(1);
    expect(() => hkdfExpandLabel(sha256, secret, "x".repeat(250), none, 1)).toThrow(RangeError);
  });
});
