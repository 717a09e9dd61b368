/**
 * What a server has to show. `own` has an Ed25519 key; `rsa`, `ecdsa` (P-256) and `post-quantum` (ML-DSA-44
 * throughout) differ in their keys alone, the others in what their names say.
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
] as const;
/** The certificates and keys of the laboratory that a plan can give to an end. */
export type CredentialName = (typeof credentials)[number];
