/** Brings the private keys that a corpus gives into a provider, by way of its random source. */
import type {
  GeneratedKey,
  KemKeyPair,
  KemName,
  KeyType,
  PrivateKeyInfo,
  SignatureName,
} from "../../crypto/index.ts";
import type { Subject } from "./corpus.ts";

const weierstrass: readonly KemName[] = ["secp256r1", "secp384r1", "secp521r1"];

/** As {@link Subject.kemKeyPair}; `undefined` if the subject takes no given keys of that kind. */
export function kemKeyPair(
  subject: Subject,
  name: KemName,
  privateKey: Uint8Array,
): KemKeyPair | undefined {
  const given = subject.kemKeyPair?.(name, privateKey);
  if (given !== undefined) return given;
  const random = weierstrass.includes(name)
    ? (length: number) => bigEndian(toBigInt(privateKey) - 1n, length)
    : () => new Uint8Array(privateKey);
  const kem = subject.seeded?.(random).kems[name];
  return kem?.backend === subject.provider.kems[name].backend ? kem.generate() : undefined;
}

/** The signing key of a given seed; `undefined` if the subject takes no given keys. */
export function signingKey(
  subject: Subject,
  type: KeyType,
  seed: Uint8Array,
): GeneratedKey | undefined {
  return subject.seeded?.(() => new Uint8Array(seed)).generateKey(type);
}

/** Signs with zeros for randomness (FIPS 204 §3.4); `undefined` if the subject's back end cannot. */
export function deterministicSigner(
  subject: Subject,
  name: SignatureName,
  key: PrivateKeyInfo,
): ((message: Uint8Array) => Uint8Array) | undefined {
  const algorithm = subject.seeded?.((length) => new Uint8Array(length)).signatures[name];
  if (algorithm?.backend !== subject.provider.signatures[name].backend) return undefined;
  return algorithm.signer?.(key);
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
