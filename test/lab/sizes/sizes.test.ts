import { describe, expect, it } from "vitest";
import { algorithmOf, type KemName, noble, signatureNameIn } from "../../../src/crypto/index.ts";
import { encodePublicKey, encodePrivateKey } from "../../../src/identity/index.ts";
import {
  kemSize,
  kemSizes,
  merkleProof,
  signatureSize,
  signatureSizes,
} from "../../../src/lab/sizes/index.ts";

describe("sizes that run", () => {
  it.each(kemSizes.filter(({ runs }) => runs))("$name: as the provider's KEM has them", (size) => {
    const kem = noble.kems[size.name as KemName];
    const pair = kem.generate();
    const { ciphertext } = kem.encapsulate(pair.publicKey);
    expect([pair.publicKey.length, ciphertext.length]).toEqual([size.publicKey, size.ciphertext]);
  });

  const quick = signatureSizes.filter(
    ({ scheme }) => scheme !== undefined && !/^(rsa|SLH-DSA-.*s$)/.test(scheme.keyType),
  );
  it.each(quick)("$name: as the provider's signatures have them", ({ scheme, ...size }) => {
    const key = noble.generateKey(scheme!.keyType);
    const slot = algorithmOf(scheme!, noble);
    const signature = slot.signer!(encodePrivateKey(key))(Uint8Array.of(1));
    expect(encodePublicKey(key.type, key.publicKey).key).toHaveLength(size.publicKey);
    // ECDSA's DER is at most as long, and hardly ever much shorter
    expect(signature.length).toBeLessThanOrEqual(size.signature);
    expect(signature.length).toBeGreaterThan(
      size.signature - (signatureNameIn(scheme!).startsWith("ecdsa") ? 8 : 1),
    );
  });
});

describe("sizes as published", () => {
  it("differ between rounds and standards where these do", () => {
    expect(signatureSize("Dilithium3")?.signature).toBe(3293);
    expect(signatureSize("mldsa65")?.signature).toBe(3309);
    expect(kemSize("HQC-128-r3")?.ciphertext).toBe(4481);
    expect(kemSize("HQC-128")?.ciphertext).toBe(4433);
  });

  it("are found by other names and in any case, own ones first, and not by half a name", () => {
    expect(signatureSize("ML-DSA-65")).toBe(signatureSize("mldsa65"));
    expect(signatureSize("FALCON-512")?.publicKey).toBe(897);
    const own = { ...kemSize("HQC-1")!, publicKey: 1 };
    expect(kemSize("hqc-1", [own])).toBe(own);
    expect(signatureSize("Falcon")).toBeUndefined();
  });

  it("have names that are unlike, sources, and lengths above nought", () => {
    for (const sizes of [kemSizes, signatureSizes]) {
      const names = sizes.map(({ name }) => name.toLowerCase());
      expect(new Set(names).size).toBe(names.length);
      for (const { source, publicKey } of sizes) {
        expect(source).not.toBe("");
        expect(publicKey).toBeGreaterThan(0);
      }
    }
    expect(merkleProof.signature).toBe(736);
  });
});
