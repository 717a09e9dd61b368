/** Object identifiers by which certificates name algorithms and keys. */
import { forSlhDsa, slhDsaNames } from "./parameters.ts";

/** Keys and signatures (RFC 3279, 4055, 5480, 5758, 8410, 9881, 9935). */
export const AlgorithmOid = {
  rsaEncryption: "1.2.840.113549.1.1.1",
  mgf1: "1.2.840.113549.1.1.8",
  rsassaPss: "1.2.840.113549.1.1.10",
  sha256WithRSAEncryption: "1.2.840.113549.1.1.11",
  sha384WithRSAEncryption: "1.2.840.113549.1.1.12",
  sha512WithRSAEncryption: "1.2.840.113549.1.1.13",
  ecPublicKey: "1.2.840.10045.2.1",
  secp256r1: "1.2.840.10045.3.1.7",
  secp384r1: "1.3.132.0.34",
  secp521r1: "1.3.132.0.35",
  ecdsaWithSHA256: "1.2.840.10045.4.3.2",
  ecdsaWithSHA384: "1.2.840.10045.4.3.3",
  ecdsaWithSHA512: "1.2.840.10045.4.3.4",
  ed25519: "1.3.101.112",
  ed448: "1.3.101.113",
  /** In OCSP's CertID only, where it is no more than a key for look-up. */
  sha1: "1.3.14.3.2.26",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
  x25519: "1.3.101.110",
  mlKem512: "2.16.840.1.101.3.4.4.1",
  mlKem768: "2.16.840.1.101.3.4.4.2",
  mlKem1024: "2.16.840.1.101.3.4.4.3",
  mlDsa44: "2.16.840.1.101.3.4.3.17",
  mlDsa65: "2.16.840.1.101.3.4.3.18",
  mlDsa87: "2.16.840.1.101.3.4.3.19",
} as const;

/** Keys and signatures alike (RFC 9909 §3). */
export const slhDsaOids = forSlhDsa(
  (name) => `2.16.840.1.101.3.4.3.${20 + slhDsaNames.indexOf(name)}`,
);

/** Signatures with MD5 and SHA-1, which RFC 9846 §4.5.1.3 answers with bad_certificate. */
export const brokenAlgorithms: ReadonlySet<string> = new Set([
  "1.2.840.113549.1.1.2",
  "1.2.840.113549.1.1.4",
  "1.2.840.113549.1.1.5",
  "1.2.840.10040.4.3",
  "1.2.840.10045.4.1",
]);

const assigned: ReadonlySet<string> = new Set<string>([
  ...Object.values(AlgorithmOid),
  ...Object.values(slhDsaOids),
  ...brokenAlgorithms,
  // Keys for DSA, which RFC 9846 §4.3.3 forbids
  "1.2.840.10040.4.1",
]);

/** Whether an identifier has its meaning already, so that it cannot name a custom algorithm. */
export const isAssigned = (oid: string): boolean => assigned.has(oid);
