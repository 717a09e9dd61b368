import { keyTypes } from "../crypto/parameters.ts";
import {
  InvalidKey,
  type Provider,
  type PublicKeyInfo,
  type SignatureName,
} from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import { DecodeError, equal } from "../wire/index.ts";
import { readAlgorithm, signatureNameOf } from "./algorithm.ts";
import { type DerReader, readDer } from "./der-reader.ts";
import { requiredHash } from "./public-key.ts";

/** What a certificate (RFC 5280 §4.1) and a CRL (§5.1) have in common: bytes that someone signed. */
export interface Signed {
  /** The whole structure. */
  readonly der: Uint8Array;
  /** The bytes that the issuer signed. */
  readonly tbs: Uint8Array;
  /** `undefined` for an algorithm that is never accepted (SHA-1, MD5, DSA, unknown): see {@link signatureOid}. */
  readonly signatureAlgorithm: SignatureName | undefined;
  readonly signatureOid: string;
  /** The bits of signatureValue: DER for ECDSA, raw otherwise. */
  readonly signature: Uint8Array;
}

/**
 * Reads a signed structure from a copy of the bytes.
 * @param where begins the field path of an error
 * @param readTbs gets the whole tbs element; what it returns as `algorithm` is the inner identifier
 * @throws TlsError `bad_certificate` that names the field and the rule it breaks
 */
export function readSigned<T extends object>(
  der: Uint8Array,
  where: string,
  readTbs: (reader: DerReader) => T & { readonly algorithm: Uint8Array },
): Omit<T, "algorithm"> & Signed {
  const copy = Uint8Array.from(der);
  try {
    return readDer(copy, (reader) =>
      reader.sequence(where, (contents) => {
        const tbs = contents.element("tbs");
        const { algorithm, ...fields } = readDer(tbs, readTbs);
        const { oid, name } = readDer(algorithm, (inner) => {
          const identifier = readAlgorithm(inner, "signature");
          return { oid: identifier.oid, name: signatureNameOf(identifier) };
        });
        // RFC 5280 §4.1.1.2, §5.1.1.2: the same algorithm as inside, where the signature covers it.
        if (!equal(contents.element("signatureAlgorithm"), algorithm)) {
          throw new DecodeError(
            "differs from the signature field inside (RFC 5280 §4.1.1.2)",
            "signatureAlgorithm",
          );
        }
        const signature = contents.bitString("signatureValue");
        return {
          der: copy,
          tbs,
          ...fields,
          signatureAlgorithm: name,
          signatureOid: oid,
          signature,
        };
      }),
    );
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new TlsError("bad_certificate", `malformed: ${error.reason}`, {
      where: error.path || where,
      section: "RFC 5280",
      cause: error,
    });
  }
}

/**
 * @throws TlsError `bad_certificate`, or `unsupported_certificate` for an algorithm that is not known
 */
export function verifySignature(
  { signatureAlgorithm: name, signatureOid, tbs, signature }: Signed,
  key: PublicKeyInfo,
  provider: Provider,
  where: string,
): void {
  if (name === undefined) throw unusableAlgorithm(signatureOid, where);
  const hash = requiredHash(key);
  if (!keyTypes[name].includes(key.type) || (hash !== undefined && !name.endsWith(hash))) {
    throw new TlsError(
      "bad_certificate",
      `signed with ${name}, but the issuer's key is ${key.type}`,
      { where },
    );
  }
  if (!isRight(provider, name, key, tbs, signature)) {
    throw new TlsError("bad_certificate", "the issuer's signature is wrong", {
      where,
      section: "RFC 5280 §6.1.3 (a)(1)",
    });
  }
}

function isRight(
  provider: Provider,
  name: SignatureName,
  key: PublicKeyInfo,
  tbs: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return provider.signatures[name].verifier(key)(tbs, signature);
  } catch (error) {
    if (error instanceof InvalidKey) return false;
    throw error;
  }
}

/** Signatures with MD5 and SHA-1, which RFC 9846 §4.5.1.3 answers with bad_certificate. */
const brokenHashes = new Set([
  "1.2.840.113549.1.1.2",
  "1.2.840.113549.1.1.4",
  "1.2.840.113549.1.1.5",
  "1.2.840.10040.4.3",
  "1.2.840.10045.4.1",
]);

function unusableAlgorithm(oid: string, where: string): TlsError {
  return brokenHashes.has(oid)
    ? new TlsError("bad_certificate", `signed with a broken hash (${oid})`, {
        where,
        section: "RFC 9846 §4.5.1.3",
      })
    : new TlsError("unsupported_certificate", `signature algorithm ${oid} is not supported`, {
        where,
      });
}
