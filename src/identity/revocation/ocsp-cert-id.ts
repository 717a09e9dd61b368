import { sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { DecodeError, equal } from "../../wire/index.ts";
import { readAlgorithm } from "../keys/algorithm.ts";
import type { Certificate } from "../certificate/certificate.ts";
import type { DerReader } from "../der/der-reader.ts";
import { Tag } from "../der/der-tags.ts";
import { der, octetString, oid, sequence } from "../der/der-writer.ts";
import type { DistinguishedName } from "../certificate/distinguished-name.ts";
import { AlgorithmOid } from "../../crypto/oids.ts";

/**
 * Which certificate is meant (RFC 6960 §4.1.1). The hash protects nothing: whoever signs a response
 * vouches for what it says, and a certificate is found by its issuer and its number.
 */
export interface CertId {
  /** Object identifier. */
  readonly hashAlgorithm: string;
  /** Hash of the issuer's distinguished name in DER. */
  readonly issuerNameHash: Uint8Array;
  /** Hash of the issuer's key: the subjectPublicKey bits. */
  readonly issuerKeyHash: Uint8Array;
  /** The content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
  /** The whole structure. */
  readonly der: Uint8Array;
}

/** RFC 6960 knows SHA-1, which most requests still use; SHA-256 is for those who must not. */
export type CertIdHash = "sha1" | "sha256";

const hashes = new Map<string, (data: Uint8Array) => Uint8Array>([
  [AlgorithmOid.sha1, sha1],
  [AlgorithmOid.sha256, sha256],
  [AlgorithmOid.sha384, sha384],
  [AlgorithmOid.sha512, sha512],
]);

export function readCertId(reader: DerReader, field: string): CertId {
  const start = reader.position;
  const id = reader.sequence(field, (contents) => ({
    hashAlgorithm: readHash(contents),
    issuerNameHash: contents.octetString("issuerNameHash"),
    issuerKeyHash: contents.octetString("issuerKeyHash"),
    serialNumber: contents.serialNumber("serialNumber"),
  }));
  return { ...id, der: reader.bytes.subarray(start, reader.position) };
}

/** RFC 5754 §2: a hash has no parameters, or NULL. A response repeats what stands here, and is signed. */
function readHash(reader: DerReader): string {
  const { oid: algorithm, parameters } = readAlgorithm(reader, "hashAlgorithm");
  if (!hashes.has(algorithm) || parameters === undefined || equal(parameters, der(Tag.null))) {
    return algorithm;
  }
  throw new DecodeError("a hash has no parameters (RFC 5754 §2)", "hashAlgorithm");
}

/** @param serialNumber content octets of the INTEGER */
export function encodeCertId(
  issuer: Certificate,
  serialNumber: Uint8Array,
  hash: CertIdHash,
): Uint8Array {
  const digest = hash === "sha1" ? sha1 : sha256;
  return sequence(
    sequence(oid(AlgorithmOid[hash]), der(Tag.null)),
    octetString(digest(issuer.subject.der)),
    octetString(digest(issuer.publicKey.key)),
    der(Tag.integer, serialNumber),
  );
}

/**
 * Whether a certificate with that number, issued by that CA, is meant.
 * @param name the issuer's, as the certificate writes it. Default: as the CA itself does
 */
export function isMeant(
  id: CertId,
  serialNumber: Uint8Array,
  issuer: Certificate,
  name: DistinguishedName = issuer.subject,
): boolean {
  const { hashAlgorithm: algorithm } = id;
  return (
    hashes.has(algorithm) &&
    equal(id.serialNumber, serialNumber) &&
    equal(id.issuerNameHash, digestOf(name.der, algorithm)) &&
    equal(id.issuerKeyHash, digestOf(issuer.publicKey.key, algorithm))
  );
}

/** A response can ask for the same name and key thousands of times. */
const digests = new WeakMap<Uint8Array, Map<string, Uint8Array>>();

function digestOf(bytes: Uint8Array, algorithm: string): Uint8Array {
  const known = digests.get(bytes) ?? new Map<string, Uint8Array>();
  digests.set(bytes, known);
  const digest = known.get(algorithm) ?? hashes.get(algorithm)!(bytes);
  known.set(algorithm, digest);
  return digest;
}

/** KeyHash (RFC 6960 §4.2.1): SHA-1 of the subjectPublicKey bits, a look-up key as well. */
export const responderKeyHash = (certificate: Certificate): Uint8Array =>
  sha1(certificate.publicKey.key);
