import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concat } from "../../wire/index.ts";
import { Held } from "../held.ts";
import { aeadKeyLengths, tagLength } from "../parameters.ts";
import type { Aead, AeadName } from "../provider.ts";

interface OneShotCipher {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(ciphertext: Uint8Array): Uint8Array;
}
/** Throws for a key or a nonce of the wrong length; the cipher throws for what is not authentic. */
export type CipherFor = (
  key: Uint8Array,
  nonce: Uint8Array,
  additionalData: Uint8Array,
) => OneShotCipher;

/** An AEAD of a library that takes the key with each record. */
export function oneShotAead(
  name: AeadName,
  cipherFor: CipherFor,
  backend = "@noble/ciphers",
): Aead {
  const keyLength = aeadKeyLengths[name];
  return {
    backend,
    name,
    keyLength,
    importKey(key) {
      if (key.length !== keyLength) {
        throw new RangeError(`${name} key must be ${keyLength} bytes, not ${key.length}`);
      }
      const held = new Held(new Uint8Array(key));
      return {
        seal: (nonce, additionalData, plaintext, trailer) => [
          cipherFor(held.get(), nonce, additionalData).encrypt(concat(plaintext, trailer)),
        ],
        open(nonce, additionalData, ciphertext) {
          const cipher = cipherFor(held.get(), nonce, additionalData);
          if (ciphertext.length < tagLength) return undefined;
          try {
            return cipher.decrypt(ciphertext);
          } catch {
            return undefined;
          }
        },
        wipe: () => void held.wipe(),
      };
    },
  };
}

export const nobleAeads: Readonly<Record<AeadName, Aead>> = {
  "aes-128-gcm": oneShotAead("aes-128-gcm", gcm),
  "aes-256-gcm": oneShotAead("aes-256-gcm", gcm),
  "chacha20-poly1305": oneShotAead("chacha20-poly1305", chacha20poly1305),
};
