/** Brings the private keys that a corpus gives into a provider. */
import type {
  GeneratedKey,
  KemKeyPair,
  KemName,
  KeyType,
  PrivateKeyInfo,
  SignatureName,
} from "../../crypto/index.ts";
import { concat } from "../../wire/index.ts";
import type { Subject } from "./corpus.ts";

const weierstrass: readonly KemName[] = ["secp256r1", "secp384r1", "secp521r1"];

/**
 * The key pair of a private key: the bytes that a Montgomery curve clamps, the scalar of a NIST curve
 * in big-endian order and of any length, the seed d ‖ z of ML-KEM. `undefined` if the subject takes
 * no given keys.
 * @throws InvalidKey
 */
export function kemKeyPair(
  { provider }: Subject,
  name: KemName,
  privateKey: Uint8Array,
): KemKeyPair | undefined {
  const kem = provider.kems[name];
  const isScalar = weierstrass.includes(name);
  return kem.importKeyPair?.(isScalar ? fit(privateKey, kem.sharedSecretLength) : privateKey);
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

/** The same number in `length` bytes; as it is if it does not fit. */
function fit(number: Uint8Array, length: number): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0);
  const digits = number.subarray(first < 0 ? number.length : first);
  return digits.length > length ? digits : concat(new Uint8Array(length - digits.length), digits);
}
