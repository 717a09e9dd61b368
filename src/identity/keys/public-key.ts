import { importVerifier } from "../../crypto/own.ts";
import { forSlhDsa, kemParameters, slhDsaParameters } from "../../crypto/parameters.ts";
import {
  InvalidKey,
  isOid,
  type KemKeyType,
  type KeyType,
  type SubjectKeyType,
  type PublicKeyInfo,
  type SignatureAlgorithm,
} from "../../crypto/provider.ts";
import { TlsError } from "../../registry/index.ts";
import { DecodeError } from "../../wire/index.ts";
import { type AlgorithmIdentifier, isUnnamed, pssKeyHash, readAlgorithm } from "./algorithm.ts";
import { readDer } from "../der/der-reader.ts";
import { Tag } from "../der/der-tags.ts";
import { bitString, der, oid, sequence } from "../der/der-writer.ts";
import { AlgorithmOid, slhDsaOids } from "../../crypto/oids.ts";

/** How X.509 writes a type of key, and what it demands of it. */
interface KeyEntry {
  readonly oid: string;
  /** The named curve, for elliptic curves. */
  readonly curve?: string;
  /** @throws DecodeError, Unsupported */
  checkParameters(parameters: Uint8Array | undefined): void;
  /** @throws DecodeError, Unsupported */
  checkKey(key: Uint8Array): void;
}

/** RFC 5480 §2: the curve is named; a compressed point is well formed, but no one here takes it. */
const point = (curve: string, length: number): KeyEntry => ({
  oid: AlgorithmOid.ecPublicKey,
  curve,
  checkParameters: () => {},
  checkKey(key) {
    if (key[0] === 2 || key[0] === 3) throw new Unsupported("compressed points are not supported");
    checkLength(length, key);
  },
});

/** RFC 8410 §3, RFC 9881 §4, RFC 9909 §4, RFC 9935 §3: no parameters, and the key as it is. */
const raw = (id: string, length: number): KeyEntry => ({
  oid: id,
  checkParameters(parameters) {
    if (parameters !== undefined) throw new DecodeError("must have no parameters", "algorithm");
  },
  checkKey: (key) => checkLength(length, key),
});

const keys: Readonly<Record<KeyType | KemKeyType, KeyEntry>> = {
  secp256r1: point(AlgorithmOid.secp256r1, 65),
  secp384r1: point(AlgorithmOid.secp384r1, 97),
  secp521r1: point(AlgorithmOid.secp521r1, 133),
  ed25519: raw(AlgorithmOid.ed25519, 32),
  ed448: raw(AlgorithmOid.ed448, 57),
  rsa: {
    oid: AlgorithmOid.rsaEncryption,
    checkParameters(parameters) {
      // RFC 3279 §2.3.1 demands NULL; absent parameters occur and mean the same.
      if (parameters !== undefined && parameters[0] !== Tag.null) {
        throw new DecodeError("the parameters must be NULL (RFC 3279 §2.3.1)", "algorithm");
      }
    },
    checkKey: checkRsa,
  },
  "rsa-pss": {
    oid: AlgorithmOid.rsassaPss,
    checkParameters(parameters) {
      if (parameters !== undefined && pssKeyHash(parameters) === undefined) {
        throw new Unsupported("the RSASSA-PSS key is limited to parameters that TLS does not use");
      }
    },
    checkKey: checkRsa,
  },
  "ML-DSA-44": raw(AlgorithmOid.mlDsa44, 1312),
  "ML-DSA-65": raw(AlgorithmOid.mlDsa65, 1952),
  "ML-DSA-87": raw(AlgorithmOid.mlDsa87, 2592),
  x25519: raw(AlgorithmOid.x25519, 32),
  "ML-KEM-512": raw(AlgorithmOid.mlKem512, kemParameters["ML-KEM-512"].publicKeyLength),
  "ML-KEM-768": raw(AlgorithmOid.mlKem768, kemParameters["ML-KEM-768"].publicKeyLength),
  "ML-KEM-1024": raw(AlgorithmOid.mlKem1024, kemParameters["ML-KEM-1024"].publicKeyLength),
  ...forSlhDsa((name) => raw(slhDsaOids[name], slhDsaParameters(name).publicKeyLength)),
};

/**
 * Decodes a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
 * @throws TlsError `unsupported_certificate` for a key that no one here can or should use,
 *   `bad_certificate` for one that is malformed
 */
export function decodePublicKey(spki: Uint8Array, where = "subjectPublicKeyInfo"): PublicKeyInfo {
  try {
    return readDer(spki, (reader) =>
      reader.sequence("", (contents) => {
        const algorithm = readAlgorithm(contents, "algorithm");
        const key = contents.bitString("subjectPublicKey");
        const type = keyTypeOf(algorithm);
        if (!isOid(type)) keys[type].checkKey(key);
        return { type, key, spki, ...limitOf(type, algorithm) };
      }),
    );
  } catch (error) {
    if (error instanceof Unsupported) {
      throw new TlsError("unsupported_certificate", error.message, {
        where,
        section: "RFC 5280 §4.1.2.7",
        cause: error,
      });
    }
    if (!(error instanceof DecodeError)) throw error;
    throw new TlsError("bad_certificate", `malformed public key: ${error.message}`, {
      where,
      section: "RFC 5280 §4.1.2.7",
      cause: error,
    });
  }
}

/**
 * Wraps a public key as {@link PublicKeyInfo} holds it: an uncompressed point, a raw key, or
 * RSAPublicKey in DER.
 */
export function encodePublicKey(type: SubjectKeyType, key: Uint8Array): PublicKeyInfo {
  return { type, key, spki: sequence(encodeKeyAlgorithm(type), bitString(key)) };
}

/** The AlgorithmIdentifier of a key, the same for both halves. */
export function encodeKeyAlgorithm(type: SubjectKeyType): Uint8Array {
  if (isOid(type)) return sequence(oid(type));
  const { oid: dotted, curve } = keys[type];
  const parameters = curve === undefined ? [] : [oid(curve)];
  return sequence(oid(dotted), ...(type === "rsa" ? [der(Tag.null)] : parameters));
}

/** @throws Unsupported for a key with parameters that has no name here */
export function keyTypeOf(algorithm: AlgorithmIdentifier): SubjectKeyType {
  if (isUnnamed(algorithm)) return algorithm.oid;
  const curve =
    algorithm.oid === AlgorithmOid.ecPublicKey ? namedCurve(algorithm.parameters) : undefined;
  for (const type of Object.keys(keys) as (KeyType | KemKeyType)[]) {
    if (keys[type].oid !== algorithm.oid || keys[type].curve !== curve) continue;
    keys[type].checkParameters(algorithm.parameters);
    return type;
  }
  throw new Unsupported(
    `keys of type ${algorithm.oid}${curve === undefined ? "" : ` on curve ${curve}`} are not supported`,
  );
}

/**
 * Imports a key, to verify signatures with it.
 * @throws TlsError `bad_certificate` for one that is well formed and still no key: a point off its curve
 */
export function verifierOf(
  key: PublicKeyInfo,
  algorithm: SignatureAlgorithm,
  where: string,
): (message: Uint8Array, signature: Uint8Array) => boolean {
  try {
    return importVerifier(algorithm, key);
  } catch (cause) {
    if (!(cause instanceof InvalidKey)) throw cause;
    throw new TlsError("bad_certificate", `unusable public key: ${cause.message}`, {
      where,
      section: "RFC 5280 §4.1.2.7",
      cause,
    });
  }
}

/** What the parameters of an RSASSA-PSS key, of either half, restrict it to (RFC 4055 §1.2). */
export function limitOf(
  type: SubjectKeyType,
  { parameters }: AlgorithmIdentifier,
): Pick<PublicKeyInfo, "hash"> {
  if (type !== "rsa-pss" || parameters === undefined) return {};
  const hash = pssKeyHash(parameters);
  return hash === undefined ? {} : { hash };
}

/** A key that is well formed, and of a kind that is not supported. */
export class Unsupported extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "Unsupported";
}

function namedCurve(parameters: Uint8Array | undefined): string {
  // RFC 5480 §2.1.1: namedCurve; implicitCurve and specifiedCurve are not used.
  if (parameters?.[0] !== Tag.oid) throw new Unsupported("elliptic curves must be named curves");
  return readDer(parameters, (reader) => reader.oid("namedCurve"));
}

function checkLength(length: number, key: Uint8Array): void {
  if (key.length !== length) {
    throw new DecodeError(`expected ${length} bytes, got ${key.length}`, "subjectPublicKey");
  }
}

/** A peer chooses its key and we pay for it, so there is an upper bound too. */
const modulusBits = { least: 2048, most: 8192 };

function checkRsa(key: Uint8Array): void {
  const modulus = readDer(key, (reader) =>
    reader.sequence("RSAPublicKey", (contents) => {
      const octets = contents.integer("modulus");
      contents.integer("publicExponent");
      return octets;
    }),
  );
  const start = modulus[0] === 0 ? 1 : 0;
  const bits = 8 * (modulus.length - start) - Math.clz32(modulus[start] ?? 0) + 24;
  if (bits < modulusBits.least || bits > modulusBits.most) {
    throw new Unsupported(
      `an RSA key must have ${modulusBits.least} to ${modulusBits.most} bits, got ${bits}`,
    );
  }
}
