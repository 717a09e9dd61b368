import type { TlsError } from "../../registry/index.ts";
import { equal, isBytes } from "../../wire/index.ts";
import {
  type Certificate,
  type CertificateInput,
  parseCertificates,
  readCertificates,
} from "../certificate/certificate.ts";
import type { DistinguishedName } from "../certificate/distinguished-name.ts";

/** The certificates that are trusted without proof. */
export interface TrustStore {
  /** All of them, in the order in which they were given. */
  readonly anchors: readonly Certificate[];
  /** The anchors of that name. */
  find(subject: DistinguishedName): readonly Certificate[];
  /** Whether this very certificate is an anchor. */
  has(certificate: Certificate): boolean;
  /** Why certificates that were given are not among the anchors. Absent or empty: all are. */
  readonly unreadable?: readonly TlsError[];
}

/**
 * Makes a trust store. An anchor is trusted because it is here: its own signature is never checked. One
 * that cannot be read vouches for nobody, and does not spoil a bundle in which others can.
 * @throws TlsError as {@link parseCertificates} if none can be read
 */
export function createTrustStore(
  certificates: CertificateInput | readonly Certificate[],
): TrustStore {
  const { certificates: anchors, unreadable } = isParsed(certificates)
    ? { certificates, unreadable: [] }
    : readCertificates(certificates);
  const [problem] = unreadable;
  if (problem !== undefined && anchors.length === 0) throw problem;
  const bySubject = new Map<string, Certificate[]>();
  for (const anchor of anchors) {
    const key = anchor.subject.key;
    bySubject.set(key, [...(bySubject.get(key) ?? []), anchor]);
  }
  const find = (subject: DistinguishedName): readonly Certificate[] =>
    bySubject.get(subject.key) ?? [];
  return {
    anchors,
    find,
    has: (certificate) =>
      find(certificate.subject).some((anchor) => equal(anchor.der, certificate.der)),
    ...(problem === undefined ? {} : { unreadable }),
  };
}

/** Parsed certificates as they are, everything else parsed. */
export function toCertificates(
  input: CertificateInput | readonly Certificate[],
): readonly Certificate[] {
  return isParsed(input) ? input : parseCertificates(input);
}

function isParsed(
  input: CertificateInput | readonly Certificate[],
): input is readonly Certificate[] {
  return (
    typeof input !== "string" &&
    !isBytes(input) &&
    input.every((item) => typeof item !== "string" && !isBytes(item))
  );
}
