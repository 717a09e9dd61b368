/**
 * Composite signatures: ML-DSA and a classical algorithm, both of which must be right
 * (draft-ietf-lamps-pq-composite-sigs-19). One key, one signature and one identifier for the two; no parameters. The
 * combinations with Brainpool curves are not here.
 */
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { shake256 } from "@noble/hashes/sha3.js";
import { mlDsa } from "../../crypto/noble/ml-dsa.ts";
import { importSigner, importVerifier } from "../../crypto/own.ts";
import {
  InvalidKey,
  type KeyType,
  type Oid,
  type PrivateKeyInfo,
  type Provider,
  type PublicKeyInfo,
  type SignatureAlgorithm,
  type SignatureName,
} from "../../crypto/provider.ts";
import { parseRsaPublicKey } from "../../crypto/rsa-key.ts";
import { defineScheme, type Scheme } from "../../crypto/scheme.ts";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import { concat, utf8, wipe } from "../../wire/index.ts";
import { der, octetString, oid, sequence, unsigned } from "../der/der-writer.ts";
import { constructed } from "../der/der-tags.ts";
import { AlgorithmOid } from "../../crypto/oids.ts";
import { encodePrivateKey, parsePrivateKey } from "./keys.ts";
import { decodePublicKey, encodePublicKey } from "./public-key.ts";
import { publicKeyOf } from "./public-key-of.ts";

/** The classical half. */
interface Traditional {
  readonly keyType: Exclude<KeyType, `ML-DSA-${string}` | `SLH-DSA-${string}` | "rsa-pss">;
  readonly signature: SignatureName;
  /** Bits of an RSA modulus. */
  readonly bits?: number;
}

interface Combination {
  readonly lattice: keyof typeof mlDsa;
  readonly traditional: Traditional;
  /** What of the message is signed. */
  readonly preHash: (message: Uint8Array) => Uint8Array;
  /** After 1.3.6.1.5.5.7.6. */
  readonly arc: number;
}

const rsa = (bits: 2048 | 3072 | 4096, padding: "pss" | "pkcs1"): Traditional => ({
  keyType: "rsa",
  // §6.1: a hash for each size of the modulus
  signature: `rsa_${padding}_${bits === 4096 ? "sha384" : "sha256"}`,
  bits,
});
const p256: Traditional = { keyType: "secp256r1", signature: "ecdsa_sha256" };
const p384: Traditional = { keyType: "secp384r1", signature: "ecdsa_sha384" };
const p521: Traditional = { keyType: "secp521r1", signature: "ecdsa_sha512" };
const ed25519: Traditional = { keyType: "ed25519", signature: "ed25519" };
const ed448: Traditional = { keyType: "ed448", signature: "ed448" };

const combination = (
  lattice: Combination["lattice"],
  traditional: Traditional,
  preHash: Combination["preHash"],
  arc: number,
): Combination => ({ lattice, traditional, preHash, arc });

const shake256of64 = (message: Uint8Array): Uint8Array => shake256(message, { dkLen: 64 });

/** By the names of the draft without `id-` (§6). */
const combinations = {
  "MLDSA44-RSA2048-PSS-SHA256": combination("ML-DSA-44", rsa(2048, "pss"), sha256, 37),
  "MLDSA44-RSA2048-PKCS15-SHA256": combination("ML-DSA-44", rsa(2048, "pkcs1"), sha256, 38),
  "MLDSA44-Ed25519-SHA512": combination("ML-DSA-44", ed25519, sha512, 39),
  "MLDSA44-ECDSA-P256-SHA256": combination("ML-DSA-44", p256, sha256, 40),
  "MLDSA65-RSA3072-PSS-SHA512": combination("ML-DSA-65", rsa(3072, "pss"), sha512, 41),
  "MLDSA65-RSA3072-PKCS15-SHA512": combination("ML-DSA-65", rsa(3072, "pkcs1"), sha512, 42),
  "MLDSA65-RSA4096-PSS-SHA512": combination("ML-DSA-65", rsa(4096, "pss"), sha512, 43),
  "MLDSA65-RSA4096-PKCS15-SHA512": combination("ML-DSA-65", rsa(4096, "pkcs1"), sha512, 44),
  "MLDSA65-ECDSA-P256-SHA512": combination("ML-DSA-65", p256, sha512, 45),
  "MLDSA65-ECDSA-P384-SHA512": combination("ML-DSA-65", p384, sha512, 46),
  "MLDSA65-Ed25519-SHA512": combination("ML-DSA-65", ed25519, sha512, 48),
  "MLDSA87-ECDSA-P384-SHA512": combination("ML-DSA-87", p384, sha512, 49),
  "MLDSA87-Ed448-SHAKE256": combination("ML-DSA-87", ed448, shake256of64, 51),
  "MLDSA87-RSA3072-PSS-SHA512": combination("ML-DSA-87", rsa(3072, "pss"), sha512, 52),
  "MLDSA87-RSA4096-PSS-SHA512": combination("ML-DSA-87", rsa(4096, "pss"), sha512, 53),
  "MLDSA87-ECDSA-P521-SHA512": combination("ML-DSA-87", p521, sha512, 54),
} as const satisfies Readonly<Record<string, Combination>>;

/** A combination by the name of the draft, without `id-`. */
export type CompositeName = keyof typeof combinations;

/** All that are here. */
export const compositeNames = Object.keys(combinations) as readonly CompositeName[];

const isName = check.oneOf(...compositeNames);

/** What a composite scheme of TLS is made of. */
export interface CompositeOptions {
  /** None is assigned; of private use are 0xfe00 to 0xffff (RFC 9846 §11). */
  readonly code: number;
  /** Does the classical half; noble signs no RSA. */
  readonly provider: Provider;
}

const aProvider = check.like("a provider, such as noble", "signatures", "random");
const checkComposite = check.complete(
  {
    code: check.whole(1, 0xffff),
    provider: aProvider,
  } satisfies check.OptionTable<CompositeOptions>,
  "write { code, provider }",
  ["code", "provider"],
);

/**
 * A composite as a scheme of TLS: over the whole input of CertificateVerify, with an empty context.
 * @throws RangeError for a name or code point that cannot be
 */
export function compositeScheme(name: CompositeName, options: CompositeOptions): Scheme {
  checkComposite(options, "compositeScheme");
  const algorithm = compositeAlgorithm(name, options.provider);
  return defineScheme({ name, code: options.code, postQuantum: true, algorithm });
}

/**
 * A composite as certificates use it, for `extendProvider(provider, { algorithms: [… ] })`. Its public key is that of
 * ML-DSA and the classical one, one after the other; its private key ML-DSA's seed and the classical one; its signature
 * likewise (§5).
 * @param provider does the classical half, and makes keys; ML-DSA, which needs a context here, is noble's
 * @throws RangeError for a name that is none
 */
export function compositeAlgorithm(name: CompositeName, provider: Provider): SignatureAlgorithm {
  isName(name, "name");
  aProvider(provider, "provider");
  const { lattice, traditional, preHash, arc } = combinations[name];
  const library = mlDsa[lattice];
  const lengths = library.lengths as { readonly publicKey: number; readonly signature: number };
  const type: Oid = `1.3.6.1.5.5.7.6.${arc}`;
  const classical = provider.signatures[traditional.signature];
  const label = utf8(`COMPSIG-${name}`);
  // §3.1: M' = Prefix ‖ Label ‖ len(ctx) ‖ ctx ‖ PH(M); the context of the application is empty
  const representative = (message: Uint8Array): Uint8Array =>
    concat(prefix, label, Uint8Array.of(0), preHash(message));
  const checkType = (given: string): void => {
    if (given !== type) throw new InvalidKey(`${name} takes ${type} keys, not ${given}`);
  };
  return {
    backend: `@noble/post-quantum + ${classical.backend}`,
    name: type,
    keyTypes: [type],
    verifier({ type: given, key }) {
      checkType(given);
      const publicKey = key.slice(0, lengths.publicKey);
      const verify = importVerifier(
        classical,
        classicalPublicKey(traditional, key.subarray(lengths.publicKey)),
      );
      return (message, signature) => {
        // §5.3: the classical half, whose length varies, is what is left
        if (signature.length <= lengths.signature) return false;
        const text = representative(message);
        const first = signature.subarray(0, lengths.signature);
        // §4.3: both must be right. The draft's label is the context of ML-DSA.
        return (
          library.verify(first, text, publicKey, { context: label }) &&
          verify(text, signature.subarray(lengths.signature))
        );
      };
    },
    ...(classical.signer && {
      signer({ type: given, key }) {
        checkType(given);
        const halves = privateHalves(traditional, key);
        const { secretKey } = library.keygen(halves.seed);
        const sign = importSigner(classical, halves.classical)!;
        return (message) => {
          const text = representative(message);
          const hedge = provider.random(32);
          try {
            const first = library.sign(text, secretKey, { context: label, extraEntropy: hedge });
            return concat(first, sign(text));
          } finally {
            wipe(hedge);
          }
        };
      },
    }),
    publicKey(key) {
      const halves = privateHalves(traditional, key);
      const first = library.keygen(halves.seed).publicKey;
      return concat(first, publicKeyOf(halves.classical).key);
    },
    // §4.1: both halves are fresh
    generateKey(random) {
      const seed = random(seedLength);
      const made = provider.generateKey(traditional.keyType);
      const publicKey = concat(library.keygen(seed).publicKey, made.publicKey);
      // Refuses RSA of another size, which is all that a provider makes
      classicalPublicKey(traditional, made.publicKey);
      const own = classicalPrivateKey(traditional, made.privateKey);
      const privateKey = concat(seed, own);
      wipe(seed, own);
      return { publicKey, privateKey };
    },
  };
}

const prefix = utf8("CompositeAlgorithmSignatures2025");
/** Bytes of ξ (FIPS 204 §6.1). */
const seedLength = 32;

/** §5.2: an uncompressed point, RSAPublicKey, or the raw key. @throws InvalidKey */
function classicalPublicKey({ keyType, bits }: Traditional, key: Uint8Array): PublicKeyInfo {
  const info = attempt(() => decodePublicKey(encodePublicKey(keyType, key.slice()).spki));
  const modulus = bits === undefined ? undefined : parseRsaPublicKey(info.key).modulus;
  if (modulus !== undefined && 8 * modulus.length !== bits) {
    throw new InvalidKey(`the RSA half must have ${bits} bits, not ${8 * modulus.length}`);
  }
  return info;
}

/** @throws InvalidKey */
function privateHalves(
  { keyType }: Traditional,
  key: Uint8Array,
): { readonly seed: Uint8Array; readonly classical: PrivateKeyInfo } {
  if (key.length <= seedLength) throw new InvalidKey("the private key is shorter than its parts");
  const own = key.slice(seedLength);
  const classical = attempt(() =>
    keyType === "ed25519" || keyType === "ed448"
      ? parsePrivateKey(
          encodePrivateKey({ type: keyType, privateKey: own, publicKey: new Uint8Array() }).pkcs8,
        )
      : parsePrivateKey(own),
  );
  if (classical.type !== keyType) {
    throw new InvalidKey(`the classical half must be a ${keyType} key, not ${classical.type}`);
  }
  return { seed: key.slice(0, seedLength), classical };
}

/** §5.3: ECPrivateKey with its curve and without the public key, RSAPrivateKey, or the raw key. */
function classicalPrivateKey({ keyType }: Traditional, key: Uint8Array): Uint8Array {
  if (!keyType.startsWith("secp")) return key.slice();
  const curve = oid(AlgorithmOid[keyType as "secp256r1"]);
  return sequence(unsigned(1), octetString(key), der(constructed(0), curve));
}

/** What is wrong with a part is wrong with the key. */
function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof TlsError)) throw cause;
    throw new InvalidKey(`the classical half: ${cause.message}`, { cause });
  }
}
