import type { PublicKeyInfo } from "../../crypto/provider.ts";
import { TlsError } from "../../registry/index.ts";
import { DecodeError, isBytes } from "../../wire/index.ts";
import type { DerReader } from "../der/der-reader.ts";
import { constructed, primitive } from "../der/der-tags.ts";
import { type DistinguishedName, readName } from "./distinguished-name.ts";
import { type Extensions, readExtensions } from "./extensions.ts";
import { decodePem } from "../der/pem.ts";
import { readLater } from "../der/read-later.ts";
import { decodePublicKey } from "../keys/public-key.ts";
import { readSigned, type Signed, type SignedPart } from "./signed.ts";

/** An X.509 certificate (RFC 5280 §4.1), read once and never changed. Byte fields are views of `der`. */
export interface Certificate extends Signed, Extensions {
  /** The number that people say: 3 stands as 2 in DER (RFC 5280 §4.1.2.1). */
  readonly version: 1 | 2 | 3;
  /** The content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
  /** Whose key is certified. */
  readonly subject: DistinguishedName;
  /** Who signed it. */
  readonly issuer: DistinguishedName;
  /** Milliseconds since the epoch; the certificate is valid from here on, inclusive. */
  readonly notBefore: number;
  /** Milliseconds since the epoch; the certificate is valid up to here, inclusive. */
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /**
   * The subject's key, decoded on first use.
   * @throws TlsError `unsupported_certificate` if its type is unknown, or if it is an RSA key of
   *   less than 2048 bits; `bad_certificate` if it is malformed
   */
  readonly publicKey: PublicKeyInfo;
}

/** PEM text with any number of blocks, DER, or a list of these. */
export type CertificateInput = string | Uint8Array | readonly (string | Uint8Array)[];

/**
 * Reads one certificate. The bytes are copied.
 * @param where begins the field path of an error: `certificate[1]`
 * @throws TlsError `bad_certificate` that names the field and the rule it breaks
 */
export function parseCertificate(der: Uint8Array, where = "certificate"): Certificate {
  const certificate = read(der, where);
  return der.length < leastToKeep ? readLater(read, certificate.der, where) : certificate;
}

/**
 * Bytes. One that is read takes about 1600: many that are smaller, behind a leaf that a verifier thinks about, would
 * take far more memory than their bytes. With empty names, no extension and the shortest of keys it has 174.
 */
const leastToKeep = 200;

function read(der: Uint8Array, where: string): Certificate {
  const fields = readSigned(der, where, readTbs);
  Object.defineProperty(fields, "publicKey", publicKeyOnFirstUse);
  places.set(fields, { where });
  return fields as Certificate;
}

/** By certificate: where it came from, and its key, once somebody has asked for it. */
const places = new WeakMap<object, { readonly where: string; publicKey?: PublicKeyInfo }>();

/** One getter for all: with one for each, every certificate would take the engine a description of its own. */
const publicKeyOnFirstUse = {
  get(this: Certificate): PublicKeyInfo {
    const place = places.get(this)!;
    return (place.publicKey ??= decodePublicKey(this.spki, `${place.where}.subjectPublicKeyInfo`));
  },
  enumerable: true,
  configurable: true,
};

/**
 * Reads certificates in order.
 * @throws TlsError `bad_certificate` with the index in its path, `misuse` if PEM text holds none
 */
export const parseCertificates = (input: CertificateInput): Certificate[] =>
  encodedCertificates(input).map((der, index) => parseCertificate(der, `certificate[${index}]`));

export interface ReadCertificates {
  readonly certificates: readonly Certificate[];
  /** Why each of the others cannot be read, with its index in the path. */
  readonly unreadable: readonly TlsError[];
}

/**
 * Reads what can be read of many, in order.
 * @throws TlsError `misuse` if PEM text holds none
 */
export function readCertificates(input: CertificateInput): ReadCertificates {
  const certificates: Certificate[] = [];
  const unreadable: TlsError[] = [];
  for (const [index, der] of encodedCertificates(input).entries()) {
    try {
      certificates.push(parseCertificate(der, `certificate[${index}]`));
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      unreadable.push(error);
    }
  }
  return { certificates, unreadable };
}

function encodedCertificates(input: CertificateInput): Uint8Array[] {
  const items = typeof input === "string" || isBytes(input) ? [input] : input;
  return items.flatMap((item) => (typeof item === "string" ? pemCertificates(item) : [item]));
}

function pemCertificates(text: string): Uint8Array[] {
  const blocks = decodePem(text);
  const certificates = blocks.filter(
    ({ label }) => label === "CERTIFICATE" || label === "X509 CERTIFICATE",
  );
  if (certificates.length === 0) {
    throw new TlsError("misuse", "no CERTIFICATE block found", {
      received: `PEM with ${blocks.map(({ label }) => label).join(", ")}`,
      section: "RFC 7468 §5",
    });
  }
  return certificates.map(({ der }) => der);
}

type Tbs = SignedPart<Omit<Certificate, keyof Signed | "publicKey">>;

function readTbs(reader: DerReader): Tbs {
  return reader.sequence("tbsCertificate", (tbs) => {
    const version = tbs.optional(constructed(0), "version", (inner) => inner.count("")) ?? 0;
    if (version > 2) throw new DecodeError(`unknown version ${version}`, "version");
    const serialNumber = tbs.serialNumber("serialNumber");
    const algorithm = tbs.element("signature");
    const issuer = readName(tbs, "issuer");
    const validity = tbs.sequence("validity", (times) => ({
      notBefore: times.time("notBefore"),
      notAfter: times.time("notAfter"),
    }));
    const subject = readName(tbs, "subject");
    const spki = tbs.element("subjectPublicKeyInfo");
    // Unique identifiers (RFC 5280 §4.1.2.8): allowed, never used.
    for (const tag of [primitive(1), primitive(2)]) {
      tbs.optional(tag, "uniqueID", (inner) => inner.rest());
    }
    const extensions = tbs.optional(constructed(3), "extensions", (inner) =>
      inner.sequence("", readExtensions),
    );
    // RFC 5280 §4.1.2.1: extensions only in version 3.
    if (extensions !== undefined && version !== 2) {
      throw new DecodeError(`extensions in a certificate of version ${version + 1}`, "version");
    }
    const fields = Object.assign(extensions ?? { extensions: [], criticalUnknown: [] }, {
      version: (version + 1) as 1 | 2 | 3,
      serialNumber,
      issuer,
      ...validity,
      subject,
      spki,
    });
    return { algorithm, fields };
  });
}
