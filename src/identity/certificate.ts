import type { PublicKeyInfo, SignatureName } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import { DecodeError, equal } from "../wire/index.ts";
import { readAlgorithm, signatureNameOf } from "./algorithm.ts";
import { type DerReader, readDer } from "./der-reader.ts";
import { constructed, primitive, Tag } from "./der-tags.ts";
import { type DistinguishedName, readName } from "./distinguished-name.ts";
import { type Extensions, readExtensions } from "./extensions.ts";
import { decodePem } from "./pem.ts";
import { decodePublicKey } from "./public-key.ts";

/** An X.509 certificate (RFC 5280 §4.1), read once and never changed. Byte fields are views of {@link der}. */
export interface Certificate extends Extensions {
  /** The whole certificate, as it was signed. */
  readonly der: Uint8Array;
  /** TBSCertificate: the bytes that the issuer signed. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** The content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
  readonly subject: DistinguishedName;
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
  /** `undefined` for an algorithm that is never accepted (SHA-1, MD5, DSA, unknown): see {@link signatureOid}. */
  readonly signatureAlgorithm: SignatureName | undefined;
  readonly signatureOid: string;
  /** The bits of signatureValue: DER for ECDSA, raw otherwise. */
  readonly signature: Uint8Array;
}

/** PEM text with any number of blocks, DER, or a list of these. */
export type CertificateInput = string | Uint8Array | readonly (string | Uint8Array)[];

/**
 * Reads one certificate. The bytes are copied.
 * @param where begins the field path of an error: `certificate[1]`
 * @throws TlsError `bad_certificate` that names the field and the rule it breaks
 */
export function parseCertificate(der: Uint8Array, where = "certificate"): Certificate {
  const copy = Uint8Array.from(der);
  try {
    return readDer(copy, (reader) => readCertificate(reader, copy, where));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new TlsError("bad_certificate", `malformed certificate: ${error.reason}`, {
      where: error.path,
      section: "RFC 5280 §4.1",
      cause: error,
    });
  }
}

/**
 * Reads certificates in order.
 * @throws TlsError `bad_certificate` with the index in its path, `misuse` if PEM text holds none
 */
export function parseCertificates(input: CertificateInput): Certificate[] {
  const items = typeof input === "string" || input instanceof Uint8Array ? [input] : input;
  return items
    .flatMap((item) => (typeof item === "string" ? pemCertificates(item) : [item]))
    .map((bytes, index) => parseCertificate(bytes, `certificate[${index}]`));
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

type Tbs = Omit<Certificate, "der" | "tbs" | "signature" | "publicKey"> & {
  readonly algorithm: Uint8Array;
};

function readCertificate(reader: DerReader, der: Uint8Array, where: string): Certificate {
  return reader.sequence(where, (contents) => {
    const tbs = contents.element("tbsCertificate");
    const { algorithm, ...fields } = readTbs(tbs);
    // RFC 5280 §4.1.1.2: the same algorithm as inside, which the signature covers.
    if (!equal(contents.element("signatureAlgorithm"), algorithm)) {
      throw new DecodeError(
        "differs from tbsCertificate.signature (RFC 5280 §4.1.1.2)",
        "signatureAlgorithm",
      );
    }
    const signature = contents.bitString("signatureValue");
    let publicKey: PublicKeyInfo | undefined;
    return {
      der,
      tbs,
      ...fields,
      signature,
      get publicKey() {
        return (publicKey ??= decodePublicKey(fields.spki, `${where}.subjectPublicKeyInfo`));
      },
    };
  });
}

function readTbs(bytes: Uint8Array): Tbs {
  return readDer(bytes, (reader) =>
    reader.sequence("tbsCertificate", (tbs) => {
      const version = tbs.optional(constructed(0), "version", (inner) => inner.count("")) ?? 0;
      if (version > 2) throw new DecodeError(`unknown version ${version}`, "version");
      const serialNumber = tbs.integer("serialNumber");
      const algorithm = tbs.element("signature");
      const { oid, name } = readDer(algorithm, (inner) => {
        const identifier = readAlgorithm(inner, "signature");
        return { oid: identifier.oid, name: signatureNameOf(identifier) };
      });
      const issuer = readName(tbs, "issuer");
      const { notBefore, notAfter } = tbs.sequence("validity", (validity) => ({
        notBefore: validity.time("notBefore"),
        notAfter: validity.time("notAfter"),
      }));
      const subject = readName(tbs, "subject");
      const spki = tbs.element("subjectPublicKeyInfo");
      // Unique identifiers (RFC 5280 §4.1.2.8): allowed, never used.
      for (const tag of [primitive(1), primitive(2)]) {
        tbs.optional(tag, "uniqueID", (inner) => inner.rest());
      }
      const extensions = tbs.optional(constructed(3), "extensions", (inner) =>
        inner.read(Tag.sequence, "", readExtensions),
      );
      // RFC 5280 §4.1.2.1: extensions only in version 3.
      if (extensions !== undefined && version !== 2) {
        throw new DecodeError(`extensions in a certificate of version ${version + 1}`, "version");
      }
      return {
        algorithm,
        version: (version + 1) as 1 | 2 | 3,
        serialNumber,
        issuer,
        notBefore,
        notAfter,
        subject,
        spki,
        signatureAlgorithm: name,
        signatureOid: oid,
        ...(extensions ?? { extensions: [], criticalUnknown: [] }),
      };
    }),
  );
}
