import { brokenAlgorithms } from "../../crypto/oids.ts";
import { importVerifier } from "../../crypto/own.ts";
import { isFitFor } from "../../crypto/parameters.ts";
import {
  InvalidKey,
  isOid,
  type Provider,
  type PublicKeyInfo,
  type Oid,
  type SignatureAlgorithm,
  type SignatureName,
} from "../../crypto/provider.ts";
import { type ErrorCode, TlsError } from "../../registry/index.ts";
import { DecodeError, equal, utf8, isBytes } from "../../wire/index.ts";
import { readAlgorithm, signatureNameOf } from "../keys/algorithm.ts";
import { type DerReader, readDer } from "../der/der-reader.ts";

/** What certificates, lists (RFC 5280 §4.1, §5.1), requests and responses have in common: bytes that someone signed. */
export interface Signed {
  /** The whole structure. */
  readonly der: Uint8Array;
  /** The bytes that the issuer signed. */
  readonly tbs: Uint8Array;
  /** `undefined` for an algorithm that is never accepted (SHA-1, MD5, DSA): see {@link signatureOid}. */
  readonly signatureAlgorithm: SignatureName | Oid | undefined;
  /** Object identifier of the signature's algorithm, in dotted form. */
  readonly signatureOid: string;
  /** The bits of signatureValue: DER for ECDSA, raw otherwise. */
  readonly signature: Uint8Array;
}

/**
 * What the readers of the signed part return: its fields, an object of their own to which the others are
 * added, and the inner identifier if there is one.
 */
export interface SignedPart<T> {
  readonly fields: T;
  readonly algorithm?: Uint8Array;
}

/**
 * Reads a signed structure from a copy of the bytes.
 * @param where begins the field path of an error
 * @param readTbs gets the whole tbs element
 * @param section the document that errors name
 * @throws TlsError `bad_certificate` that names the field and the rule it breaks
 */
export const readSigned = <T extends object>(
  der: Uint8Array,
  where: string,
  readTbs: (reader: DerReader) => SignedPart<T>,
  section = "RFC 5280",
): T & Signed =>
  parseStructure(der, { where, section, code: "bad_certificate" }, (contents) =>
    readSignedContents(contents, readTbs),
  );

/** Reads the contents of SEQUENCE { tbs, signatureAlgorithm, signature, … } up to the signature. */
export function readSignedContents<T extends object>(
  contents: DerReader,
  readTbs: (reader: DerReader) => SignedPart<T>,
): T & Signed {
  const tbs = contents.element("tbs");
  const { algorithm: inner, fields } = readDer(tbs, readTbs);
  const algorithm = contents.element("signatureAlgorithm");
  // RFC 5280 §4.1.1.2, §5.1.1.2: the same algorithm as inside, where the signature covers it.
  if (inner !== undefined && !equal(algorithm, inner)) {
    throw new DecodeError(
      "differs from the signature field inside (RFC 5280 §4.1.1.2)",
      "signatureAlgorithm",
    );
  }
  const { oid, name } = readDer(algorithm, (reader) => {
    const identifier = readAlgorithm(reader, "signatureAlgorithm");
    return { oid: identifier.oid, name: signatureNameOf(identifier) };
  });
  const signature = contents.bitString("signatureValue");
  // Not spread: that would read what is only read when it is used
  return Object.assign(fields, {
    der: contents.bytes,
    tbs,
    signatureAlgorithm: name,
    signatureOid: oid,
    signature,
  });
}

/**
 * Reads the contents of a SEQUENCE from a copy of the bytes, which it must fill.
 * @param about the code, the place and the document that an error names
 * @throws TlsError for whatever is malformed
 */
export function parseStructure<T>(
  der: Uint8Array,
  { code, where, section }: Readonly<{ code: ErrorCode; where: string; section: string }>,
  read: (contents: DerReader) => T,
): T {
  refusePem(der, where);
  try {
    return readDer(Uint8Array.from(der), (reader) => reader.sequence(where, read));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new TlsError(code, `malformed: ${error.reason}`, {
      where: error.path || where,
      section,
      cause: error,
    });
  }
}

const pemBegin = utf8("-----BEGIN ");

/** The mistake that JavaScript lets through: text, or a file's content, where its DER is meant. */
function refusePem(der: Uint8Array, where: string): void {
  if (isBytes(der) && !equal(der.subarray(0, pemBegin.length), pemBegin)) return;
  throw new TlsError("misuse", `${where} must be DER, and not text`, {
    expected: "a Uint8Array of DER; of PEM text, what parseCertificates() or decodePem() reads",
    received: isBytes(der) ? "PEM in bytes" : `a ${typeof der}`,
    where,
  });
}

/**
 * @throws TlsError `bad_certificate`, or `unsupported_certificate` for an algorithm that is not known
 */
export function verifySignature(
  signed: Signed,
  key: PublicKeyInfo,
  provider: Provider,
  where: string,
): void {
  if (hasRightSignature(signed, key, provider, where)) return;
  throw new TlsError("bad_certificate", "the issuer's signature is wrong", {
    where,
    section: "RFC 5280 §6.1.3 (a)(1)",
  });
}

/**
 * Whether that key made the signature.
 * @throws TlsError as {@link verifySignature} where it cannot have been this key
 */
export function hasRightSignature(
  { signatureAlgorithm: name, signatureOid, tbs, signature }: Signed,
  key: PublicKeyInfo,
  provider: Provider,
  where: string,
): boolean {
  const algorithm = name === undefined ? undefined : provider.signatures[name];
  if (algorithm === undefined) throw unusableAlgorithm(signatureOid, where);
  if (!isFitFor(algorithm, key)) {
    const limit = key.hash === undefined ? "" : ` and limited to ${key.hash}`;
    throw new TlsError(
      "bad_certificate",
      `signed with ${name}, but the key is ${key.type}${limit}`,
      {
        where,
        section: "RFC 5280 §6.1.3 (a)(1)",
      },
    );
  }
  return isRight(algorithm, key, tbs, signature);
}

function isRight(
  algorithm: SignatureAlgorithm,
  key: PublicKeyInfo,
  tbs: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return importVerifier(algorithm, key)(tbs, signature);
  } catch (error) {
    if (error instanceof InvalidKey) return false;
    throw error;
  }
}

/** Why a key that should have signed something did not, as {@link hasRightSignature} found. */
export function whyNotSigned({ signatureAlgorithm, signatureOid }: Signed): string {
  if (signatureAlgorithm !== undefined) {
    const unknown = isOid(signatureAlgorithm) ? `, or nobody here knows ${signatureAlgorithm}` : "";
    return `its signature is wrong${unknown}`;
  }
  return brokenAlgorithms.has(signatureOid)
    ? `it is signed with a broken hash (${signatureOid})`
    : `its signature algorithm ${signatureOid} is not supported`;
}

function unusableAlgorithm(oid: string, where: string): TlsError {
  return brokenAlgorithms.has(oid)
    ? new TlsError("bad_certificate", `signed with a broken hash (${oid})`, {
        where,
        section: "RFC 9846 §4.5.1.3",
      })
    : new TlsError("unsupported_certificate", `signature algorithm ${oid} is not supported`, {
        where,
        section: "RFC 5280 §4.1.1.2",
      });
}
