import {
  createNoble,
  type Encapsulation,
  InvalidKey,
  type Kem,
  type KemKeyPair,
  kemMessageLength,
  type KemName,
  kemSeedLength,
  type Provider,
  type RandomSource,
} from "../../crypto/index.ts";
import { toHex } from "../../wire/index.ts";
import type { Component } from "./format.ts";

/** A component as it comes to be known. */
export type Draft = { -readonly [Member in keyof Component]: Component[Member] };

/** A KEM of the provider whose private keys and randomness are drawn from a source and written down. */
export function drawnKem(
  name: KemName,
  { kems }: Provider,
  random: RandomSource,
  drafts: Draft[],
): Kem {
  const kem = kems[name];
  return {
    ...kem,
    generate() {
      const { privateKey, pair } = drawPair(kem, random);
      const { publicKey } = pair;
      const draft: Draft = {
        kem: name,
        privateKey: toHex(privateKey),
        publicKey: toHex(publicKey),
      };
      drafts.push(draft);
      return {
        publicKey,
        decapsulate(ciphertext) {
          const sharedSecret = pair.decapsulate(ciphertext);
          draft.ciphertext = toHex(ciphertext);
          draft.sharedSecret = toHex(sharedSecret);
          return sharedSecret;
        },
        wipe: () => pair.wipe(),
      };
    },
    encapsulate(publicKey) {
      const randomness = kem.postQuantum
        ? random(kemMessageLength)
        : drawPair(kem, random).privateKey;
      const { ciphertext, sharedSecret } = encapsulate(name, kem, publicKey, randomness);
      drafts.push({
        kem: name,
        publicKey: toHex(publicKey),
        randomness: toHex(randomness),
        ciphertext: toHex(ciphertext),
        sharedSecret: toHex(sharedSecret),
      });
      return { ciphertext, sharedSecret };
    },
  };
}

const pure = createNoble();

/** What a back end takes no randomness for it still judges; the pure one then makes the ciphertext. */
function encapsulate(
  name: KemName,
  kem: Kem,
  publicKey: Uint8Array,
  randomness: Uint8Array,
): Encapsulation {
  if (kem.encapsulateWith !== undefined) return kem.encapsulateWith(publicKey, randomness);
  kem.encapsulate(publicKey);
  return pure.kems[name].encapsulateWith!(publicKey, randomness);
}

/** Draws until the bytes are a private key, which for a NIST curve they may not be. */
function drawPair(
  kem: Kem,
  random: RandomSource,
): { readonly privateKey: Uint8Array; readonly pair: KemKeyPair } {
  for (;;) {
    const privateKey = random(kem.postQuantum ? kemSeedLength : kem.sharedSecretLength);
    // 521 bits in 66 bytes
    if (kem.name === "secp521r1") privateKey[0]! &= 1;
    try {
      const pair = kem.importKeyPair?.(privateKey.slice());
      if (pair === undefined) throw new TypeError(`${kem.name} takes no given private keys`);
      return { privateKey, pair };
    } catch (error) {
      if (!(error instanceof InvalidKey)) throw error;
    }
  }
}
