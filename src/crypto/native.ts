import { nativeAeads } from "./native/aead.ts";
import { nativeHashes } from "./native/hash.ts";
import { nativeKems } from "./native/kem.ts";
import { systemRandom } from "./native/random.ts";
import { generateRsaKey, nativeSignatures } from "./native/signature.ts";
import { createNoble } from "./noble.ts";
import { checkOptions } from "../registry/check.ts";
import { providerTable } from "./provider-options.ts";
import type { Provider, RandomSource, SignatureAlgorithm, SignatureName } from "./provider.ts";

/**
 * The back end on `node:crypto`. A slot that the running Node cannot fill is noble's: ML-KEM and
 * ML-DSA need Node 24.7. With a `random` of the caller's, so is a slot that OpenSSL would fill from
 * its own; only RSA has no other. Each slot's `backend` tells.
 */
export function createNative(options: { readonly random?: RandomSource } = {}): Provider {
  checkOptions("createNative", options, providerTable);
  const seeded = options.random !== undefined;
  const random = options.random ?? systemRandom;
  const noble = createNoble({ random });
  const signatures = { ...noble.signatures, ...nativeSignatures };
  return {
    name: "native",
    random,
    hashes: nativeHashes,
    aeads: { ...noble.aeads, ...nativeAeads },
    kems: seeded ? noble.kems : { ...noble.kems, ...nativeKems },
    signatures: seeded ? seededSigners(signatures, noble) : signatures,
    generateKey(type) {
      if (type !== "rsa" && type !== "rsa-pss") return noble.generateKey(type);
      if (seeded) throw new Error(`${type} keys cannot be made from a custom random source`);
      return generateRsaKey(type);
    },
  };
}

/** {@link createNative} with the platform's randomness. */
export const native: Provider = createNative();

/** Verifies as before, and signs with noble where it can. */
function seededSigners(
  signatures: Provider["signatures"],
  noble: Provider,
): Provider["signatures"] {
  const entries = Object.values(signatures).map((slot): SignatureAlgorithm => {
    const seeded = noble.signatures[slot.name];
    if (slot === seeded || seeded === undefined) return slot;
    return seeded.signer === undefined
      ? { ...slot, backend: `${slot.backend} (unseeded)` }
      : {
          ...seeded,
          backend: `${seeded.backend} signs, ${slot.backend} verifies`,
          verifier: (key) => slot.verifier(key),
        };
  });
  return Object.fromEntries(entries.map((slot) => [slot.name, slot])) as Record<
    SignatureName,
    SignatureAlgorithm
  >;
}
