/** Brings the private keys that a corpus gives into a provider, by way of its random source. */
import type { GeneratedKey, KemKeyPair, KemName, KeyType } from "../../crypto/index.ts";
import type { Subject } from "./corpus.ts";

const weierstrass: readonly KemName[] = ["secp256r1", "secp384r1", "secp521r1"];

/**
 * The key pair of a given private key: the bytes that a Montgomery curve clamps, the scalar of a
 * NIST curve in big-endian order, the seed d ‖ z of ML-KEM (FIPS 203 §7.1).
 * `undefined` if the subject takes no given keys.
 */
export function kemKeyPair(
  subject: Subject,
  name: KemName,
  privateKey: Uint8Array,
): KemKeyPair | undefined {
  const random = weierstrass.includes(name)
    ? (length: number) => bigEndian(toBigInt(privateKey) - 1n, length)
    : () => new Uint8Array(privateKey);
  return subject.seeded?.(random).kems[name].generate();
}

/** The signing key of a given seed. `undefined` if the subject takes no given keys. */
export function signingKey(
  subject: Subject,
  type: KeyType,
  seed: Uint8Array,
): GeneratedKey | undefined {
  return subject.seeded?.(() => new Uint8Array(seed)).generateKey(type);
}

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}

/** FIPS 186-5 §A.2.1 makes the scalar 1 + (c mod (n − 1)) of random bits c, which are chosen here. */
function bigEndian(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = length - 1, left = value; at >= 0; at--, left >>= 8n)
    bytes[at] = Number(left & 255n);
  return bytes;
}
