import { randomBytes } from "@noble/hashes/utils.js";
import { nobleAeads } from "./noble/aead.ts";
import { nobleEcdsa } from "./noble/ecdsa.ts";
import { edwards, eddsa } from "./noble/eddsa.ts";
import { nobleGenerateKey } from "./noble/generate.ts";
import { nobleHashes } from "./noble/hash.ts";
import { nobleKems } from "./noble/kem.ts";
import { nobleMlDsa } from "./noble/ml-dsa.ts";
import { nobleRsaPkcs1, nobleRsaPss } from "./noble/rsa.ts";
import { nobleSlhDsas } from "./noble/slh-dsa.ts";
import { checkOptions } from "../registry/check.ts";
import { providerTable } from "./provider-options.ts";
import type { Provider, RandomSource, SignatureAlgorithm, SignatureName } from "./provider.ts";

/**
 * The back end in pure JavaScript: complete but for RSA signing, and runs anywhere.
 * With a `random` of the caller's, all that it does is determined by that source.
 */
export function createNoble(options: { readonly random?: RandomSource } = {}): Provider {
  checkOptions("createNoble", options, providerTable);
  const random = options.random ?? randomBytes;
  return {
    name: "noble",
    random,
    hashes: nobleHashes,
    aeads: nobleAeads,
    kems: nobleKems(random),
    signatures: nobleSignatures(random),
    generateKey: nobleGenerateKey(random),
  };
}

function nobleSignatures(
  random: RandomSource,
): Readonly<Record<SignatureName, SignatureAlgorithm>> {
  return {
    ecdsa_sha256: nobleEcdsa("ecdsa_sha256", "sha256"),
    ecdsa_sha384: nobleEcdsa("ecdsa_sha384", "sha384"),
    ecdsa_sha512: nobleEcdsa("ecdsa_sha512", "sha512"),
    ed25519: eddsa("ed25519", edwards.ed25519),
    ed448: eddsa("ed448", edwards.ed448),
    rsa_pkcs1_sha256: nobleRsaPkcs1("rsa_pkcs1_sha256", "sha256"),
    rsa_pkcs1_sha384: nobleRsaPkcs1("rsa_pkcs1_sha384", "sha384"),
    rsa_pkcs1_sha512: nobleRsaPkcs1("rsa_pkcs1_sha512", "sha512"),
    rsa_pss_sha256: nobleRsaPss("rsa_pss_sha256", "sha256"),
    rsa_pss_sha384: nobleRsaPss("rsa_pss_sha384", "sha384"),
    rsa_pss_sha512: nobleRsaPss("rsa_pss_sha512", "sha512"),
    "ML-DSA-44": nobleMlDsa("ML-DSA-44", random),
    "ML-DSA-65": nobleMlDsa("ML-DSA-65", random),
    "ML-DSA-87": nobleMlDsa("ML-DSA-87", random),
    ...nobleSlhDsas(random),
  };
}

/** {@link createNoble} with the platform's randomness. */
export const noble: Provider = createNoble();
