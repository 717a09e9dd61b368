/** noble's Falcon under the names of liboqs: keys and signatures of each are the other's. */
import { describe, expect, it } from "vitest";
import type { SignatureAlgorithm } from "../../src/crypto/index.ts";
import { encodePrivateKey, encodePublicKey } from "../../src/identity/index.ts";
import { falconSchemes, loadOqs } from "../../src/oqs/index.ts";
import { flipBit } from "./flip.ts";

const message = new TextEncoder().encode("what is signed");

describe.each(falconSchemes)("$name", (scheme) => {
  it("is what liboqs has under this name", async () => {
    const oqs = await loadOqs([scheme.name]);
    const [other] = oqs.schemes;
    expect({ ...scheme, algorithm: undefined }).toEqual({ ...other, algorithm: undefined });
    const both = [scheme.algorithm, other!.algorithm] as SignatureAlgorithm[];
    for (const [maker, verifying] of [both, both.toReversed()] as SignatureAlgorithm[][]) {
      const type = maker!.keyTypes[0]!;
      const generated = {
        type,
        ...maker!.generateKey!((length) => new Uint8Array(length).fill(7)),
      };
      const privateKey = encodePrivateKey(generated);
      expect(verifying!.publicKey!(privateKey.key)).toEqual(generated.publicKey);
      const verify = verifying!.verifier(encodePublicKey(type, generated.publicKey));
      for (const signing of both) {
        const signature = signing.signer!(privateKey)(message);
        expect(verify(message, signature)).toBe(true);
        expect(verify(message, flipBit(signature, 50))).toBe(false);
        expect(verify(flipBit(message, 0), signature)).toBe(false);
      }
    }
    oqs.release();
  });
});

it("there are four", () => {
  expect(falconSchemes.map(({ name, code }) => [name, code])).toEqual([
    ["falcon512", 0xfed7],
    ["falcon1024", 0xfeda],
    ["falconpadded512", 0xfedc],
    ["falconpadded1024", 0xfedf],
  ]);
});
