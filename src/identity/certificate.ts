import type { PublicKeyInfo, SignatureName } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import type { DistinguishedName } from "./distinguished-name.ts";
import type { Extensions } from "./extensions.ts";

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
  /**
   * The subject's key, decoded on first use.
   * @throws TlsError `unsupported_certificate` if its type is unknown, or if it is an RSA key of less than 2048 bits
   */
  readonly publicKey: PublicKeyInfo;
  /** `undefined` for an algorithm that is never accepted (SHA-1, MD5, DSA, unknown): see {@link signatureOid}. */
  readonly signatureAlgorithm: SignatureName | undefined;
  readonly signatureOid: string;
  /** The bits of signatureValue: DER for ECDSA, raw otherwise. */
  readonly signature: Uint8Array;
}

/**
 * Reads one certificate.
 * @param where begins the field path of an error: `certificate[1]`
 * @throws TlsError `bad_certificate` that names the field and the rule it breaks
 */
export function parseCertificate(der: Uint8Array, where = "certificate"): Certificate {
  throw new TlsError("internal", `certificates are not read yet`, {
    where,
    received: `${der.length} bytes`,
  });
}

/** Reads certificates in order: PEM text with any number of blocks, DER, or a list of these. */
export function parseCertificates(
  input: string | Uint8Array | readonly (string | Uint8Array)[],
): Certificate[] {
  throw new TlsError("internal", `certificates are not read yet (${typeof input})`);
}
