import { x25519 } from "@noble/curves/ed25519.js";
import { curves } from "../../crypto/noble/ecdsa.ts";
import { edwards } from "../../crypto/noble/eddsa.ts";
import { encapsulationKeyIn } from "../../crypto/noble/kem.ts";
import { mlDsa } from "../../crypto/noble/ml-dsa.ts";
import { slhDsa } from "../../crypto/noble/slh-dsa.ts";
import {
  isOid,
  type KemKeyType,
  type KeyType,
  type Oid,
  type PrivateKeyInfo,
  type Provider,
  type PublicKeyInfo,
  type SlhDsaName,
  type SubjectKeyType,
} from "../../crypto/provider.ts";
import { TlsError } from "../../registry/index.ts";
import { DecodeError } from "../../wire/index.ts";
import { readDer } from "../der/der-reader.ts";
import { sequence, unsigned } from "../der/der-writer.ts";
import { encodePublicKey } from "./public-key.ts";

/**
 * The public half of a private key, computed anew: what a file says beside the private key is not
 * believed.
 * @param provider has the algorithm of a key of a custom type
 * @throws TlsError `misuse` for a key that is out of range, or of a type that nobody here knows
 */
export function publicKeyOf({ type, key }: PrivateKeyInfo, provider?: Provider): PublicKeyInfo {
  try {
    return encodePublicKey(type, compute(type, key, provider));
  } catch (cause) {
    if (cause instanceof TlsError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TlsError("misuse", `unusable private key: ${reason}`, {
      where: "privateKey",
      section: "RFC 5958 §2",
      cause,
    });
  }
}

function compute(type: SubjectKeyType, key: Uint8Array, provider?: Provider): Uint8Array {
  if (isOid(type)) return computeOwn(type, key, provider);
  if (isSlhDsa(type)) return slhDsa[type].getPublicKey(key);
  switch (type) {
    case "secp256r1":
    case "secp384r1":
    case "secp521r1":
      return curveOf(type).getPublicKey(key, false);
    case "ed25519":
    case "ed448":
      return edwards[type].getPublicKey(key);
    case "ML-DSA-44":
    case "ML-DSA-65":
    case "ML-DSA-87":
      return mlDsa[type].getPublicKey(key);
    case "x25519":
      return x25519.getPublicKey(key);
    case "ML-KEM-512":
    case "ML-KEM-768":
    case "ML-KEM-1024":
      return encapsulationKeyIn(type, key);
    case "rsa":
    case "rsa-pss":
      return rsaPublicKey(key);
    default:
      return type satisfies never;
  }
}

function computeOwn(type: Oid, key: Uint8Array, provider?: Provider): Uint8Array {
  const algorithms = Object.values(provider?.signatures ?? {});
  const own = algorithms.find(
    (each) => each.publicKey !== undefined && each.keyTypes.includes(type),
  );
  if (own?.publicKey !== undefined) return own.publicKey(key);
  const kem = provider?.kems[type];
  if (kem?.importKeyPair !== undefined) {
    const pair = kem.importKeyPair(key);
    pair.wipe();
    return pair.publicKey;
  }
  throw new Error(`how to compute it for keys of type ${type} is not known here`);
}

const isSlhDsa = (type: KeyType | KemKeyType): type is SlhDsaName => type in slhDsa;

function curveOf(type: SubjectKeyType) {
  const curve = curves[type];
  if (curve === undefined) throw new DecodeError(`${type} is not an elliptic curve`);
  return curve;
}

/** RSAPrivateKey begins with version, modulus and public exponent (RFC 8017 §A.1.2). */
const rsaPublicKey = (key: Uint8Array): Uint8Array =>
  readDer(key, (reader) =>
    reader.sequence("RSAPrivateKey", (contents) => {
      contents.count("version");
      const modulus = contents.integer("modulus");
      const exponent = contents.integer("publicExponent");
      contents.rest();
      return sequence(unsigned(modulus), unsigned(exponent));
    }),
  );
