import { SignatureScheme, type SignatureSchemeName } from "../registry/index.ts";
import { slhDsaNames } from "./parameters.ts";
import type { KeyType, SignatureName } from "./provider.ts";

/** A TLS signature scheme: a code point, the primitive behind it, and the key it belongs to. */
export interface Scheme {
  readonly name: string;
  readonly code: number;
  readonly algorithm: SignatureName;
  readonly keyType: KeyType;
  /** May sign CertificateVerify; rsa_pkcs1 may not (RFC 9846 §4.3.3). */
  readonly inHandshake: boolean;
  /** Signs a client's CertificateVerify, and nothing else (RFC 9963). Default: false. */
  readonly clientOnly?: boolean;
  readonly postQuantum: boolean;
}

const scheme = (name: SignatureSchemeName, algorithm: SignatureName, keyType: KeyType): Scheme => ({
  name,
  code: SignatureScheme[name],
  algorithm,
  keyType,
  inHandshake: !algorithm.startsWith("rsa_pkcs1"),
  postQuantum: /^(ML|SLH)-DSA/.test(algorithm),
});

/** All schemes of RFC 9846 §4.3.3 without SHA-1, and ML-DSA (draft-ietf-tls-mldsa), in default order of preference. */
export const schemes: readonly Scheme[] = [
  scheme("ecdsa_secp256r1_sha256", "ecdsa_sha256", "secp256r1"),
  scheme("ed25519", "ed25519", "ed25519"),
  scheme("mldsa65", "ML-DSA-65", "ML-DSA-65"),
  scheme("mldsa87", "ML-DSA-87", "ML-DSA-87"),
  scheme("mldsa44", "ML-DSA-44", "ML-DSA-44"),
  scheme("ecdsa_secp384r1_sha384", "ecdsa_sha384", "secp384r1"),
  scheme("ecdsa_secp521r1_sha512", "ecdsa_sha512", "secp521r1"),
  scheme("ed448", "ed448", "ed448"),
  scheme("rsa_pss_rsae_sha256", "rsa_pss_sha256", "rsa"),
  scheme("rsa_pss_rsae_sha384", "rsa_pss_sha384", "rsa"),
  scheme("rsa_pss_rsae_sha512", "rsa_pss_sha512", "rsa"),
  scheme("rsa_pss_pss_sha256", "rsa_pss_sha256", "rsa-pss"),
  scheme("rsa_pss_pss_sha384", "rsa_pss_sha384", "rsa-pss"),
  scheme("rsa_pss_pss_sha512", "rsa_pss_sha512", "rsa-pss"),
  scheme("rsa_pkcs1_sha256", "rsa_pkcs1_sha256", "rsa"),
  scheme("rsa_pkcs1_sha384", "rsa_pkcs1_sha384", "rsa"),
  scheme("rsa_pkcs1_sha512", "rsa_pkcs1_sha512", "rsa"),
];

/**
 * SLH-DSA, at the code points of an individual draft: taken and offered only where the caller lists
 * it. As signatures in certificates it needs none of these.
 */
export const slhDsaSchemes: readonly Scheme[] = slhDsaNames.map((name) => {
  const suffix = name.slice("SLH-DSA-".length).toLowerCase().replace("-", "_");
  return scheme(`slhdsa_${suffix}` as SignatureSchemeName, name, name);
});

/**
 * RSASSA-PKCS1-v1_5 for clients whose keys, in old tokens, can do no other (RFC 9963). A server takes them
 * where its `schemes` list them, a client signs with them where its credential's do.
 */
export const legacyRsaSchemes: readonly Scheme[] = (["sha256", "sha384", "sha512"] as const).map(
  (hash) => ({
    ...scheme(`rsa_pkcs1_${hash}_legacy`, `rsa_pkcs1_${hash}`, "rsa"),
    inHandshake: true,
    clientOnly: true,
  }),
);

/** All schemes that have a name, whether or not they are offered by default. */
export const knownSchemes: readonly Scheme[] = [...schemes, ...slhDsaSchemes, ...legacyRsaSchemes];

const byCode = new Map(knownSchemes.map((entry) => [entry.code, entry]));

export const schemeByCode = (code: number): Scheme | undefined => byCode.get(code);
