import type { KemKeyType, KeyType } from "../../crypto/index.ts";

/**
 * What a server has to show. `own` has an Ed25519 key; `rsa`, `ecdsa` (P-256) and `post-quantum` (ML-DSA-44
 * throughout) differ in their keys alone, the others in what their names say. `delegating` has a delegated
 * credential with a P-256 key beside its Ed25519 certificate (RFC 9345).
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
