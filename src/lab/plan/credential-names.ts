import type { KemKeyType, KeyType } from "../../crypto/index.ts";

/** Certificates that nobody should take, each for one reason. */
export const wrongCertificates = [
  "forged",
  "by-a-forged-ca",
  "under-a-false-root",
  "by-no-ca",
  "by-too-deep-a-ca",
  "by-a-ca-that-may-not-sign",
  "by-a-ca-for-clients",
  "for-clients",
  "for-another-use",
  "that-may-sign-others",
  "with-an-unknown-demand",
  "without-a-policy",
  "with-an-excluded-name",
  "without-a-permitted-name",
  "with-a-name-that-ends-alike",
  "with-a-wildcard-for-all",
  "with-a-common-name-alone",
  "not-valid-yet",
  "just-expired",
] as const;
export type WrongCertificate = (typeof wrongCertificates)[number];

/**
 * What a server has to show. `own` has an Ed25519 key; `rsa`, `ecdsa` (P-256) and `post-quantum` (ML-DSA-44
 * throughout) differ in their keys alone, the others in what their names say. `delegating` has a delegated
 * credential with a P-256 key beside its Ed25519 certificate (RFC 9345), and `delegating-too-long` one that ends in eight
 * days, `delegating-as-client` one that is for clients. {@link wrongCertificates} are wrong in what their names say.
 */
export const credentials = [
  "own",
  "rsa",
  "ecdsa",
  "post-quantum",
  "other-name",
  "both-names",
  "unknown-ca",
  "expired",
  "raw-key",
  "delegating",
  "delegating-too-long",
  "delegating-as-client",
  ...wrongCertificates,
] as const;
/** The certificates and keys of the laboratory that a plan can give to an end. */
export type CredentialName = (typeof credentials)[number];

/** Types of keys that sign in the chain of a plan. */
export const signingKeys = [
  "secp256r1",
  "secp384r1",
  "secp521r1",
  "ed25519",
  "ed448",
  "ML-DSA-44",
  "ML-DSA-65",
  "ML-DSA-87",
] as const satisfies readonly KeyType[];
/** A key of a chain; one that encapsulates can be the leaf's only. */
export type ChainKey = (typeof signingKeys)[number] | KemKeyType;
/** Certificates of a chain, its root's among them. */
export const chainLength = { least: 2, most: 4 } as const;
