/**
 * What the engine asks of cryptography: a small synchronous interface, filled slot by slot. Two
 * connections of one process may use different providers; there is no global.
 */

/** Returns `length` fresh random bytes in an array of their own, which the caller may overwrite. */
export type RandomSource = (length: number) => Uint8Array;

/** The hashes that a provider has a slot for (FIPS 180-4). */
export type HashName = "sha256" | "sha384" | "sha512";
/** The AEADs that a provider has a slot for (RFC 9846 Appendix B.4). */
export type AeadName = "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";
/** The KEMs that a provider has a slot for; Diffie-Hellman is one too. */
export type KemName =
  | "x25519"
  | "x448"
  | "secp256r1"
  | "secp384r1"
  | "secp521r1"
  | "ML-KEM-512"
  | "ML-KEM-768"
  | "ML-KEM-1024";
/** FIPS 205: the hash, the level of security, and whether signatures are small or made fast. */
export type SlhDsaName = `SLH-DSA-${"SHA2" | "SHAKE"}-${128 | 192 | 256}${"s" | "f"}`;
/** Keys that sign, as X.509 tells them apart. */
export type KeyType =
  | "secp256r1"
  | "secp384r1"
  | "secp521r1"
  | "ed25519"
  | "ed448"
  | "rsa"
  | "rsa-pss"
  | "ML-DSA-44"
  | "ML-DSA-65"
  | "ML-DSA-87"
  | SlhDsaName;
/** Keys that share a secret and do not sign, named as the KEM that takes them (RFC 8410, RFC 9935). */
export type KemKeyType = "x25519" | "ML-KEM-512" | "ML-KEM-768" | "ML-KEM-1024";
export const kemKeyTypes: readonly KemKeyType[] = [
  "x25519",
  "ML-KEM-512",
  "ML-KEM-768",
  "ML-KEM-1024",
];
export const isKemKeyType = (type: string): type is KemKeyType =>
  (kemKeyTypes as readonly string[]).includes(type);
/** Any key that a certificate can hold. */
export type SubjectKeyType = KeyType | KemKeyType | Oid;
/** An object identifier in dotted form: how certificates name what has no name here, a custom algorithm. */
export type Oid = `${0 | 1 | 2}.${string}`;
export const isOid = (name: string): name is Oid => /^[0-2](\.\d+)+$/.test(name);
/** Signature algorithms as primitives; a TLS scheme or an X.509 identifier adds a code point and a key type. */
export type SignatureName =
  | "ecdsa_sha256"
  | "ecdsa_sha384"
  | "ecdsa_sha512"
  | "ed25519"
  | "ed448"
  | "rsa_pkcs1_sha256"
  | "rsa_pkcs1_sha384"
  | "rsa_pkcs1_sha512"
  | "rsa_pss_sha256"
  | "rsa_pss_sha384"
  | "rsa_pss_sha512"
  | "ML-DSA-44"
  | "ML-DSA-65"
  | "ML-DSA-87"
  | SlhDsaName;

/** Says which library does the work: `@noble/curves`, `node:crypto (OpenSSL 3.5.4)`. */
export interface Slot {
  /** Name of the library, for logs and reports. */
  readonly backend: string;
}

/** A hash function with the HMAC over it (FIPS 180-4, FIPS 198-1). */
export interface Hash extends Slot {
  /** One of {@link HashName}, or the name of a custom one. */
  readonly name: string;
  /** Digest length in bytes. */
  readonly length: number;
  /** The digest of `data`, {@link length} bytes. */
  digest(data: Uint8Array): Uint8Array;
  /** A running hash that can be read at any point and goes on. */
  start(): RunningHash;
  /** The HMAC (RFC 2104) of `data` under a key of any length: {@link length} bytes. */
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array;
}

/** A hash over bytes that come one after another. */
export interface RunningHash {
  /** Appends `data` to what is hashed. */
  update(data: Uint8Array): void;
  /** The digest so far; the hash can still be updated. */
  digest(): Uint8Array;
  /** Another hash over the same data, which goes its own way. */
  copy(): RunningHash;
}

/** An AEAD algorithm (RFC 5116). Tag 16 bytes, nonce 12 bytes for all of TLS 1.3. */
export interface Aead extends Slot {
  /** One of {@link AeadName}, or the name of a custom one. */
  readonly name: string;
  /** Key length in bytes. */
  readonly keyLength: number;
  /** Takes a copy of what it needs of the key; the caller may wipe it. */
  importKey(key: Uint8Array): AeadKey;
}

/** A key of an AEAD, imported once for all records under it. */
export interface AeadKey {
  /**
   * Encrypts `plaintext ‖ trailer`. Returns the ciphertext and its tag as chunks in order; their
   * lengths add up to plaintext + trailer + 16. No chunk aliases an input.
   */
  seal(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
    trailer: Uint8Array,
  ): Uint8Array[];
  /** Decrypts `ciphertext ‖ tag`; `undefined` if it is not authentic. Does not change its inputs. */
  open(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | undefined;
  /** Overwrites what the language lets one overwrite. */
  wipe(): void;
}

/**
 * A key-encapsulation mechanism. (EC)DH is one too: encapsulation makes an ephemeral key pair, and its
 * public key is the ciphertext.
 */
export interface Kem extends Slot {
  /** One of {@link KemName}, or a name of the caller's own. */
  readonly name: string;
  /** Bytes of a public key. */
  readonly publicKeyLength: number;
  /** Bytes of a ciphertext: of (EC)DH those of the other public key. */
  readonly ciphertextLength: number;
  /** Bytes of the shared secret. */
  readonly sharedSecretLength: number;
  /** Believed to withstand a quantum computer. */
  readonly postQuantum: boolean;
  /** The security category that it claims: 1, 3 or 5 (FIPS 203 §8). Default: 1 if it is post-quantum, else 0. */
  readonly category?: number;
  /** Makes a fresh key pair. */
  generate(): KemKeyPair;
  /**
   * The key pair of a given private key, for test vectors and laboratories: the bytes that a
   * Montgomery curve clamps; the scalar of a NIST curve, big-endian and as long as its shared secret;
   * the seed d ‖ z of ML-KEM (FIPS 203 §7.1), 64 bytes, or its decapsulation key. The caller may wipe it. Absent
   * where a back end takes no keys from outside.
   * @throws InvalidKey
   */
  importKeyPair?(privateKey: Uint8Array): KemKeyPair;
  /** Makes a key for certificates, of a custom KEM: {@link importKeyPair} takes the private half. */
  generateKey?(random: RandomSource): Omit<GeneratedKey, "type">;
  /**
   * Makes a secret, and the ciphertext that holds it for the owner of the key.
   * @throws InvalidKemInput if the public key has the wrong length, is not on the curve, is not
   * uncompressed, fails the FIPS 203 §7.2 check, or leads to an all-zero Montgomery-curve secret
   */
  encapsulate(publicKey: Uint8Array): Encapsulation;
  /**
   * As {@link encapsulate}, with given randomness, for test vectors and laboratories: the ephemeral
   * private key of a Diffie-Hellman function, as {@link importKeyPair} takes it; the message m of
   * ML-KEM (FIPS 203 algorithm 17), 32 bytes. Absent where a back end takes none from outside.
   * @throws InvalidKey, InvalidKemInput
   */
  encapsulateWith?(publicKey: Uint8Array, randomness: Uint8Array): Encapsulation;
}

/** What encapsulation gives: the ciphertext for the other end, and the secret that both then share. */
export interface Encapsulation {
  /** For the owner of the key, {@link Kem.ciphertextLength} bytes. */
  readonly ciphertext: Uint8Array;
  /** Known to both ends, {@link Kem.sharedSecretLength} bytes. The caller wipes it. */
  readonly sharedSecret: Uint8Array;
}

/** A key pair of a KEM, for one handshake. Its private half does not leave it. */
export interface KemKeyPair {
  /** For the other end, {@link Kem.publicKeyLength} bytes. */
  readonly publicKey: Uint8Array;
  /**
   * The secret that a ciphertext holds, {@link Kem.sharedSecretLength} bytes.
   * @throws InvalidKemInput as {@link Kem.encapsulate}; an ML-KEM ciphertext of the right length never fails
   */
  decapsulate(ciphertext: Uint8Array): Uint8Array;
  /** Overwrites the private half, as far as the back end can. The pair is not to be used afterwards. */
  wipe(): void;
}

/** The peer's input breaks a rule of the primitive: its share is to blame, not us. */
export class InvalidKemInput extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "InvalidKemInput";
}

/** A signing or verification key is malformed, or belongs to another algorithm. */
export class InvalidKey extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "InvalidKey";
}

/** A public key as a certificate carries it. */
export interface PublicKeyInfo {
  /** The key's type: a name, or the object identifier of a type that has none here. */
  readonly type: SubjectKeyType;
  /** The subjectPublicKey bits: uncompressed point, raw key, or RSAPublicKey in DER. */
  readonly key: Uint8Array;
  /** The whole SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
  /** The only hash that an RSASSA-PSS key may be used with, if its parameters name one (RFC 4055 §1.2). */
  readonly hash?: HashName;
}

/** A private key in memory. */
export interface PrivateKeyInfo {
  /** The key's type: a name, or the object identifier of a type that has none here. */
  readonly type: SubjectKeyType;
  /**
   * The scalar (EC, X25519), the 32- or 57-byte seed (EdDSA), the expanded key (ML-DSA, ML-KEM), the four seeds and
   * roots (SLH-DSA), RSAPrivateKey in DER (RSA); for a custom type, what its algorithm makes.
   */
  readonly key: Uint8Array;
  /** The whole PrivateKeyInfo in DER. For ML-DSA and ML-KEM its privateKey is the choice of RFC 9881 or RFC 9935 that was read. */
  readonly pkcs8: Uint8Array;
  /** The seed, if it is known: 32 bytes of ML-DSA, 64 of ML-KEM. */
  readonly seed?: Uint8Array;
  /** As {@link PublicKeyInfo.hash}. */
  readonly hash?: HashName;
}

/** A signature algorithm, over whole messages. */
export interface SignatureAlgorithm extends Slot {
  /** One's own has the object identifier by which certificates name its signatures. */
  readonly name: SignatureName | Oid;
  /** Which keys it takes. A TLS scheme narrows this to one type. */
  readonly keyTypes: readonly (KeyType | Oid)[];
  /**
   * Imports once; the function verifies any number of signatures (ECDSA in DER), and calls a
   * malformed one wrong. It answers at once: a promise is not an answer.
   * @throws InvalidKey
   */
  verifier(key: PublicKeyInfo): (message: Uint8Array, signature: Uint8Array) => boolean;
  /**
   * Imports once; absent where the back end must not or cannot sign.
   * @throws InvalidKey
   */
  signer?(key: PrivateKeyInfo): (message: Uint8Array) => Uint8Array;
  /** Makes a key of a custom type. The provider makes all others. */
  generateKey?(random: RandomSource): Omit<GeneratedKey, "type">;
  /**
   * The public half of a {@link PrivateKeyInfo.key} of a custom type, for who issues and compares certificates.
   * @throws InvalidKey
   */
  publicKey?(privateKey: Uint8Array): Uint8Array;
}

/** A fresh key of a certificate, as raw parts from which identity builds PKCS#8 and SPKI. */
export interface GeneratedKey {
  /** The type that was asked for. */
  readonly type: SubjectKeyType;
  /** As {@link PublicKeyInfo.key}. */
  readonly publicKey: Uint8Array;
  /** As {@link PrivateKeyInfo.key}. */
  readonly privateKey: Uint8Array;
  /** As {@link PrivateKeyInfo.seed}. */
  readonly seed?: Uint8Array;
}

/**
 * Where a connection gets its cryptography: one slot for each primitive. `noble` and `native` are two; a slot can
 * be replaced by spreading one and naming the slot. What a provider has no slot for, a connection does not offer by
 * itself, and refuses where an option names it.
 */
export interface Provider {
  /** The provider's name, for logs and reports: `noble`, `native`. */
  readonly name: string;
  /** Gives so many bytes that nobody can predict. */
  readonly random: RandomSource;
  /** All that have names, and those that were added: see `extendProvider`. */
  readonly hashes: Readonly<Record<HashName, Hash>> & Readonly<Record<string, Hash>>;
  /** One for each AEAD of the registered cipher suites. */
  readonly aeads: Readonly<Record<AeadName, Aead>>;
  /** All that have names, and by the object identifiers of their keys those that were added: see `extendProvider`. */
  readonly kems: Readonly<Record<KemName | Oid, Kem>>;
  /** All that have names, and by their object identifiers those that were added: see `extendProvider`. */
  readonly signatures: Readonly<Record<SignatureName | Oid, SignatureAlgorithm>>;
  /** Makes the key of a certificate. @throws Error if this provider cannot make that type */
  generateKey(type: SubjectKeyType): GeneratedKey;
}
