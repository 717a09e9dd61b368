/** How a token makes, describes and uses each type of key. */
import { createHash } from "node:crypto";
import type { Mechanism, Template } from "pkcs11js";
import { type PublicKeyInfo, type Scheme, signatureNameIn } from "../crypto/index.ts";
import { sequence, unsigned } from "../identity/der/der-writer.ts";
import { encodePublicKey } from "../identity/index.ts";
import { TlsError } from "../registry/index.ts";
import type { TokenKeyType } from "./key-type.ts";
import { Cka, Ckk, Ckm, pssHashes, pssParameters, rsaPkcs } from "./constants.ts";

/** Attributes of a public key object, by CKA_*; absent ones are empty. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

interface KeyKind {
  readonly keyType: number;
  readonly generation: Mechanism;
  /** What the public key's template has beyond the usual. */
  readonly template: Template;
  /** Attributes that {@link publicKey} needs. */
  readonly needs: readonly number[];
  /** Whether a key object with these attributes is of this kind. */
  matches(attributes: Attributes): boolean;
  publicKey(attributes: Attributes): PublicKeyInfo;
  mechanism(scheme: Scheme): Mechanism;
  /** What the mechanism gets, of the message. */
  input(scheme: Scheme, message: Uint8Array): Uint8Array;
  /** The signature as TLS and X.509 write it. */
  signature(raw: Uint8Array): Uint8Array;
  /** Bytes, at most. */
  readonly signatureLength: number;
}

const hex = (digits: string): Buffer => Buffer.from(digits, "hex");
const same = (octets: Uint8Array | undefined, other: Uint8Array): boolean =>
  octets !== undefined && Buffer.from(octets).equals(other);

const isPkcs1 = (scheme: Scheme): boolean => signatureNameIn(scheme).startsWith("rsa_pkcs1");

const hashOf = (scheme: Scheme): "sha256" | "sha384" | "sha512" => {
  const algorithm = signatureNameIn(scheme);
  const name = (["sha256", "sha384", "sha512"] as const).find((hash) => algorithm.endsWith(hash));
  if (name === undefined) throw new TlsError("misuse", `HSM: ${algorithm} has no hash`);
  return name;
};
const digest = (scheme: Scheme, message: Uint8Array): Uint8Array =>
  createHash(hashOf(scheme)).update(message).digest();

/** CKA_EC_POINT is an OCTET STRING around the point; some modules forget it. */
function pointOf(attributes: Attributes, length: number): Uint8Array {
  const value = attributes.get(Cka.ecPoint) ?? new Uint8Array(0);
  return value.slice(value.length - length);
}

function curve(type: TokenKeyType, oid: string, scalarLength: number): KeyKind {
  const parameters = hex(oid);
  return {
    keyType: Ckk.ec,
    generation: { mechanism: Ckm.ecKeyPairGen },
    template: [{ type: Cka.ecParams, value: parameters }],
    needs: [Cka.ecParams, Cka.ecPoint],
    matches: (attributes) => same(attributes.get(Cka.ecParams), parameters),
    publicKey: (attributes) => encodePublicKey(type, pointOf(attributes, 1 + 2 * scalarLength)),
    mechanism: () => ({ mechanism: Ckm.ecdsa }),
    input: digest,
    // PKCS#11 2.3.1 of ECDSA: r and s side by side, each as long as the order
    signature: (raw) =>
      sequence(unsigned(raw.subarray(0, raw.length / 2)), unsigned(raw.subarray(raw.length / 2))),
    signatureLength: 2 * scalarLength,
  };
}

/** PKCS#11 3.2 §6.67. Without a parameter CKM_ML_DSA signs hedged and with no context, as TLS and X.509 want it. */
function mlDsa(type: TokenKeyType, parameterSet: number, signatureLength: number): KeyKind {
  return {
    keyType: Ckk.mlDsa,
    generation: { mechanism: Ckm.mlDsaKeyPairGen },
    template: [{ type: Cka.parameterSet, value: parameterSet }],
    needs: [Cka.parameterSet, Cka.value],
    // A CK_ULONG, of as many octets as the machine's
    matches: (attributes) =>
      Buffer.from(attributes.get(Cka.parameterSet) ?? []).readUIntLE(0, 4) === parameterSet,
    publicKey: (attributes) =>
      encodePublicKey(type, attributes.get(Cka.value) ?? new Uint8Array(0)),
    mechanism: () => ({ mechanism: Ckm.mlDsa }),
    input: (_, message) => message,
    signature: (raw) => raw,
    signatureLength,
  };
}

export const keyKinds: Readonly<Record<TokenKeyType, KeyKind>> = {
  secp256r1: curve("secp256r1", "06082a8648ce3d030107", 32),
  secp384r1: curve("secp384r1", "06052b81040022", 48),
  secp521r1: curve("secp521r1", "06052b81040023", 66),
  ed25519: {
    keyType: Ckk.ecEdwards,
    generation: { mechanism: Ckm.ecEdwardsKeyPairGen },
    template: [{ type: Cka.ecParams, value: hex("06032b6570") }],
    needs: [Cka.ecParams, Cka.ecPoint],
    // By its object identifier, or by its name as a PrintableString
    matches: (attributes) =>
      same(attributes.get(Cka.ecParams), hex("06032b6570")) ||
      same(attributes.get(Cka.ecParams), hex("130c656477617264733235353139")),
    publicKey: (attributes) => encodePublicKey("ed25519", pointOf(attributes, 32)),
    mechanism: () => ({ mechanism: Ckm.eddsa }),
    input: (_, message) => message,
    signature: (raw) => raw,
    signatureLength: 64,
  },
  rsa: {
    keyType: Ckk.rsa,
    generation: { mechanism: Ckm.rsaKeyPairGen },
    template: [
      { type: Cka.modulusBits, value: 3072 },
      { type: Cka.publicExponent, value: hex("010001") },
    ],
    needs: [Cka.modulus, Cka.publicExponent],
    matches: () => true,
    publicKey: (attributes) =>
      encodePublicKey(
        "rsa",
        sequence(
          unsigned(attributes.get(Cka.modulus) ?? new Uint8Array(0)),
          unsigned(attributes.get(Cka.publicExponent) ?? new Uint8Array(0)),
        ),
      ),
    mechanism: (scheme) =>
      isPkcs1(scheme)
        ? { mechanism: rsaPkcs[hashOf(scheme)] }
        : {
            mechanism: Ckm.rsaPkcsPss,
            parameter: { type: pssParameters, ...pssHashes[hashOf(scheme)] },
          },
    input: (scheme, message) => (isPkcs1(scheme) ? message : digest(scheme, message)),
    signature: (raw) => raw,
    signatureLength: 1024,
  },
  "ML-DSA-44": mlDsa("ML-DSA-44", 1, 2420),
  "ML-DSA-65": mlDsa("ML-DSA-65", 2, 3309),
  "ML-DSA-87": mlDsa("ML-DSA-87", 3, 4627),
};
