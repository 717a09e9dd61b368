import type {
  AeadName,
  HashName,
  KemName,
  KeyType,
  PublicKeyInfo,
  SignatureAlgorithm,
  SignatureName,
  SlhDsaName,
} from "./provider.ts";

/** Sizes in bytes, which are the same in every back end. */
export interface KemParameters {
  readonly publicKeyLength: number;
  readonly ciphertextLength: number;
  readonly sharedSecretLength: number;
  readonly postQuantum: boolean;
  /** As {@link Kem.category}. */
  readonly category?: number;
}

const diffieHellman = (publicKeyLength: number, sharedSecretLength: number): KemParameters => ({
  publicKeyLength,
  ciphertextLength: publicKeyLength,
  sharedSecretLength,
  postQuantum: false,
});

const mlKem = (
  publicKeyLength: number,
  ciphertextLength: number,
  category: number,
): KemParameters => ({
  publicKeyLength,
  ciphertextLength,
  sharedSecretLength: 32,
  postQuantum: true,
  category,
});

/** RFC 7748; SEC 1 uncompressed points (RFC 9846 §4.3.8.2); FIPS 203 table 3. */
export const kemParameters: Readonly<Record<KemName, KemParameters>> = {
  x25519: diffieHellman(32, 32),
  x448: diffieHellman(56, 56),
  secp256r1: diffieHellman(65, 32),
  secp384r1: diffieHellman(97, 48),
  secp521r1: diffieHellman(133, 66),
  "ML-KEM-512": mlKem(800, 768, 1),
  "ML-KEM-768": mlKem(1184, 1088, 3),
  "ML-KEM-1024": mlKem(1568, 1568, 5),
};

/** d ‖ z, from which an ML-KEM key pair is made (FIPS 203 §7.1). */
export const kemSeedLength = 64;

/** Bytes of an ML-KEM decapsulation key, which holds the encapsulation key (FIPS 203 table 3). */
export const decapsulationKeyLength = (name: KemName): number =>
  2 * kemParameters[name].publicKeyLength + 32;

/** m, from which an ML-KEM encapsulation is made (FIPS 203 algorithm 17). */
export const kemMessageLength = 32;

export const hashLengths: Readonly<Record<HashName, number>> = {
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

export const aeadKeyLengths: Readonly<Record<AeadName, number>> = {
  "aes-128-gcm": 16,
  "aes-256-gcm": 32,
  "chacha20-poly1305": 32,
};

/** A tag is 16 bytes in every AEAD of TLS 1.3 (RFC 5116, RFC 8439). */
export const tagLength = 16;

/** In the order of their identifiers (RFC 9909 §3). */
export const slhDsaNames: readonly SlhDsaName[] = (["SHA2", "SHAKE"] as const).flatMap((hash) =>
  ([128, 192, 256] as const).flatMap((level) =>
    (["s", "f"] as const).map((speed): SlhDsaName => `SLH-DSA-${hash}-${level}${speed}`),
  ),
);

/** A table that has all of them. */
export const forSlhDsa = <T>(valueOf: (name: SlhDsaName) => T): Readonly<Record<SlhDsaName, T>> =>
  Object.fromEntries(slhDsaNames.map((name) => [name, valueOf(name)])) as Record<SlhDsaName, T>;

/** FIPS 205 table 2, by level and speed. */
const slhDsaSignatureLengths: Readonly<Record<string, number>> = {
  "128s": 7856,
  "128f": 17088,
  "192s": 16224,
  "192f": 35664,
  "256s": 29792,
  "256f": 49856,
};

/** Sizes in bytes (FIPS 205 table 2). */
export function slhDsaParameters(name: SlhDsaName) {
  const publicKeyLength = Number(name.slice(-4, -1)) / 4;
  return {
    publicKeyLength,
    privateKeyLength: 2 * publicKeyLength,
    signatureLength: slhDsaSignatureLengths[name.slice(-4)] ?? 0,
  };
}

const ecdsa: readonly KeyType[] = ["secp256r1", "secp384r1", "secp521r1"];
const rsa: readonly KeyType[] = ["rsa"];
const rsaPss: readonly KeyType[] = ["rsa", "rsa-pss"];

/** Which keys the algorithms take that every provider has. */
export const keyTypes: Readonly<Record<SignatureName, readonly KeyType[]>> = {
  ecdsa_sha256: ecdsa,
  ecdsa_sha384: ecdsa,
  ecdsa_sha512: ecdsa,
  ed25519: ["ed25519"],
  ed448: ["ed448"],
  rsa_pkcs1_sha256: rsa,
  rsa_pkcs1_sha384: rsa,
  rsa_pkcs1_sha512: rsa,
  rsa_pss_sha256: rsaPss,
  rsa_pss_sha384: rsaPss,
  rsa_pss_sha512: rsaPss,
  "ML-DSA-44": ["ML-DSA-44"],
  "ML-DSA-65": ["ML-DSA-65"],
  "ML-DSA-87": ["ML-DSA-87"],
  ...forSlhDsa((name): readonly KeyType[] => [name]),
};

/** What an algorithm must know of a key, of either half, before it takes it. */
export type KeyUse = Pick<PublicKeyInfo, "type" | "hash">;

/** Whether the key may be used with the algorithm: RSASSA-PSS parameters restrict the hash (RFC 4055 §1.2). */
export const isFitFor = (
  { name, keyTypes: types }: Pick<SignatureAlgorithm, "name" | "keyTypes">,
  { type, hash }: KeyUse,
): boolean =>
  (types as readonly string[]).includes(type) && (hash === undefined || name.endsWith(hash));
