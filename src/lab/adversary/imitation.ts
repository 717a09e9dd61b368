/**
 * Cryptography of no strength, for a search: quick, of the right sizes, and the same wherever it runs. What comes out
 * depends on every byte that goes in, so that a change is noticed where it would be. Anybody could invert it, and it refuses
 * nothing that a real primitive would.
 */
import type {
  Aead,
  Hash,
  Kem,
  KemKeyPair,
  Provider,
  RandomSource,
  RunningHash,
  SignatureAlgorithm,
} from "../../crypto/index.ts";
import { concat, equal, utf8 } from "../../wire/index.ts";

/** @param base whose algorithms are imitated; what it has signed, such as certificates, still counts as signed */
export const imitationOf = (base: Provider, random: RandomSource): Provider => ({
  ...base,
  name: "imitation",
  random,
  hashes: each(base.hashes, hash),
  aeads: each(base.aeads, aead),
  kems: each(base.kems, (slot) => kem(slot, random)),
  signatures: each(base.signatures, signature),
});

function each<Slot, Slots extends Readonly<Record<string, Slot>>>(
  slots: Slots & Readonly<Record<string, Slot>>,
  imitate: (slot: Slot) => Slot,
): Slots {
  const imitated = Object.entries<Slot>(slots).map(([name, slot]) => [name, imitate(slot)]);
  return Object.fromEntries(imitated);
}

/** 64 bits that depend on all bytes so far, as those of FNV-1a do, and bytes that are drawn from them by xorshift. */
class Mix {
  #a: number;
  #b: number;

  constructor(a = 0x811c9dc5, b = 0x2f0b4c47) {
    this.#a = a;
    this.#b = b;
  }

  add(bytes: Uint8Array): this {
    let a = this.#a;
    let b = this.#b;
    for (let at = 0; at < bytes.length; at++) {
      a = Math.imul(a ^ bytes[at]!, 0x01000193);
      b = Math.imul(b ^ bytes[at]!, 0x5bd1e995) ^ (b >>> 15);
    }
    this.#a = a;
    this.#b = b;
    return this;
  }

  /** Several inputs: where one ends counts too. */
  addAll(...inputs: readonly Uint8Array[]): this {
    for (const input of inputs) {
      this.add(input);
      this.#b = Math.imul(this.#b ^ input.length, 0x85ebca6b);
    }
    return this;
  }

  copy(): Mix {
    return new Mix(this.#a, this.#b);
  }

  bytes(length: number): Uint8Array {
    const drawn = new Uint8Array(length);
    let a = this.#a;
    let b = this.#b;
    for (let at = 0; at < length; at++) {
      a ^= a << 13;
      a ^= a >>> 17;
      a ^= a << 5;
      b = Math.imul(b ^ (b >>> 13), 0x85ebca6b);
      drawn[at] = a ^ (b >>> 24);
    }
    return drawn;
  }
}

function hash(slot: Hash): Hash {
  const running = (mix: Mix): RunningHash => ({
    update: (data) => void mix.add(data),
    digest: () => mix.bytes(slot.length),
    copy: () => running(mix.copy()),
  });
  return {
    ...slot,
    digest: (data) => new Mix().add(data).bytes(slot.length),
    start: () => running(new Mix()),
    hmac: (key, data) => new Mix().addAll(key, data).bytes(slot.length),
  };
}

/** Bytes of a tag, and of a signature beside the number of its key. */
const tagLength = 16;
const signatureLength = 63;

function aead(slot: Aead): Aead {
  return {
    ...slot,
    importKey(key) {
      const keyed = new Mix().addAll(key);
      const tagOf = (...inputs: readonly Uint8Array[]) =>
        keyed
          .copy()
          .addAll(...inputs)
          .bytes(tagLength);
      return {
        seal: (nonce, additionalData, plaintext, trailer) => {
          const sealed = new Uint8Array(plaintext.length + trailer.length);
          sealed.set(plaintext);
          sealed.set(trailer, plaintext.length);
          return [sealed, tagOf(nonce, additionalData, sealed)];
        },
        open: (nonce, additionalData, ciphertext) => {
          const end = ciphertext.length - tagLength;
          if (end < 0) return undefined;
          const sealed = ciphertext.slice(0, end);
          const isAuthentic = equal(tagOf(nonce, additionalData, sealed), ciphertext.subarray(end));
          return isAuthentic ? sealed : undefined;
        },
        wipe: () => {},
      };
    },
  };
}

function kem(slot: Kem, random: RandomSource): Kem {
  const secretOf = (publicKey: Uint8Array, ciphertext: Uint8Array) =>
    new Mix().addAll(publicKey, ciphertext).bytes(slot.sharedSecretLength);
  const pairOf = (publicKey: Uint8Array): KemKeyPair => ({
    publicKey,
    decapsulate: (ciphertext) => secretOf(publicKey, ciphertext),
    wipe: () => {},
  });
  const { importKeyPair: importReal, ...facts } = slot;
  // It takes no randomness from outside
  delete facts.encapsulateWith;
  return {
    ...facts,
    ...(importReal && { importKeyPair: (key) => pairOf(importReal(key).publicKey) }),
    generate: () => pairOf(random(slot.publicKeyLength)),
    encapsulate(publicKey) {
      const ciphertext = random(slot.ciphertextLength);
      return { ciphertext, sharedSecret: secretOf(publicKey, ciphertext) };
    },
  };
}

/**
 * A signature has the number of the key that made it. Which keys are two halves of one pair is found out once, by the real
 * algorithm.
 */
function signature(slot: SignatureAlgorithm): SignatureAlgorithm {
  const { signer: importReal } = slot;
  /** What each imported key has really signed: the empty message. */
  const samples: Uint8Array[] = [];
  const signed = (number: number, message: Uint8Array): Uint8Array =>
    new Mix().addAll(utf8(slot.name), Uint8Array.of(number), message).bytes(signatureLength);
  return {
    ...slot,
    ...(importReal && {
      signer(key) {
        const number = samples.push(importReal(key)(new Uint8Array(0))) - 1;
        return (message) => concat(Uint8Array.of(number), signed(number, message));
      },
    }),
    verifier(key) {
      const verify = slot.verifier(key);
      const isOurs: boolean[] = [];
      return (message, given) => {
        const number = given[0] ?? samples.length;
        const sample = samples[number];
        if (sample === undefined || !equal(given.subarray(1), signed(number, message))) {
          return verify(message, given);
        }
        return (isOurs[number] ??= verify(new Uint8Array(0), sample));
      };
    },
  };
}
