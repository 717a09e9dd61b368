import { ed25519 } from "@noble/curves/ed25519.js";
import { like } from "../registry/check.ts";
import { wipe } from "../wire/index.ts";
import { type CipherFor, oneShotAead } from "./noble/aead.ts";
import { eddsa, type EddsaLibrary } from "./noble/eddsa.ts";
import { mlKem, type MlKemLibrary, montgomery, type MontgomeryLibrary } from "./noble/kem.ts";
import type { Provider } from "./provider.ts";

/** What is asked of libsodium: its functions by their own names, all of them synchronous. */
export interface Sodium {
  /** The version of libsodium, which slots name as their back end. */
  readonly SODIUM_VERSION_STRING: string;
  /** X25519 (RFC 7748) with the base point. */
  crypto_scalarmult_base(privateKey: Uint8Array): Uint8Array;
  /** X25519 (RFC 7748). Throws for an all-zero result. */
  crypto_scalarmult(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
  /** The key pair of a seed of Ed25519 (RFC 8032). */
  crypto_sign_seed_keypair(seed: Uint8Array): { readonly privateKey: Uint8Array };
  /** Ed25519 (RFC 8032). */
  crypto_sign_detached(message: Uint8Array, privateKey: Uint8Array): Uint8Array;
  /** Ed25519 (RFC 8032). */
  crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean;
  /** ML-KEM-768.KeyGen_internal of the seed d ‖ z (FIPS 203 §6.1). */
  crypto_kem_mlkem768_seed_keypair(seed: Uint8Array): {
    readonly publicKey: Uint8Array;
    readonly privateKey: Uint8Array;
  };
  /** ML-KEM-768.Encaps_internal (FIPS 203 §6.2). */
  crypto_kem_mlkem768_enc_deterministic(
    publicKey: Uint8Array,
    message: Uint8Array,
  ): { readonly ciphertext: Uint8Array; readonly sharedSecret: Uint8Array };
  /** ML-KEM-768.Decaps (FIPS 203 §7.3). */
  crypto_kem_mlkem768_dec(ciphertext: Uint8Array, privateKey: Uint8Array): Uint8Array;
  /** Ciphertext and tag (RFC 8439). */
  crypto_aead_chacha20poly1305_ietf_encrypt(
    plaintext: Uint8Array,
    additionalData: Uint8Array,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array;
  /** The plaintext (RFC 8439). Throws for what is not authentic. */
  crypto_aead_chacha20poly1305_ietf_decrypt(
    secretNonce: null,
    ciphertext: Uint8Array,
    additionalData: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array;
}

const isSodium = like(
  "libsodium-wrappers from 0.8.4, after `await sodium.ready`",
  "SODIUM_VERSION_STRING",
  "crypto_scalarmult",
  "crypto_kem_mlkem768_enc_deterministic",
);

const isProvider = like("a provider, such as noble", "signatures", "kems");

/**
 * A provider whose X25519, ML-KEM-768, Ed25519 and ChaCha20-Poly1305 are libsodium's, in WebAssembly: two to fifteen
 * times as fast as noble's, and at home in pages too. X25519 and Ed25519 there take a time that does not depend on secrets.
 * What libsodium copies into its memory stays there until a later call overwrites it.
 *
 * @param base fills all other slots, makes keys of certificates, and is the source of all randomness
 * @param sodium the package `libsodium-wrappers`, which is ready
 * @throws TypeError for a library that is not ready or too old
 */
export function sodiumProvider(base: Provider, sodium: Sodium): Provider {
  isProvider(base, "the base of sodiumProvider");
  isSodium(sodium, "the library of sodiumProvider");
  const { random } = base;
  const backend = `libsodium ${sodium.SODIUM_VERSION_STRING}`;
  return {
    ...base,
    name: `${base.name} with libsodium`,
    aeads: {
      ...base.aeads,
      "chacha20-poly1305": oneShotAead("chacha20-poly1305", chacha20poly1305(sodium), backend),
    },
    kems: {
      ...base.kems,
      x25519: montgomery("x25519", x25519(sodium), random, backend),
      "ML-KEM-768": mlKem("ML-KEM-768", random, mlKem768(sodium), backend),
    },
    signatures: {
      ...base.signatures,
      ed25519: eddsa("ed25519", ed25519, eddsa25519(sodium), backend),
    },
  };
}

const chacha20poly1305 =
  (sodium: Sodium): CipherFor =>
  (key, nonce, additionalData) => ({
    encrypt: (plaintext) =>
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, additionalData, null, nonce, key),
    decrypt: (ciphertext) =>
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
        null,
        ciphertext,
        additionalData,
        nonce,
        key,
      ),
  });

const x25519 = (sodium: Sodium): MontgomeryLibrary => ({
  getPublicKey: (privateKey) => sodium.crypto_scalarmult_base(privateKey),
  getSharedSecret: (privateKey, publicKey) => sodium.crypto_scalarmult(privateKey, publicKey),
});

const mlKem768 = (sodium: Sodium): MlKemLibrary => ({
  keygen(seed) {
    const { publicKey, privateKey } = sodium.crypto_kem_mlkem768_seed_keypair(seed);
    return { publicKey, secretKey: privateKey };
  },
  encapsulate(publicKey, message) {
    const made = sodium.crypto_kem_mlkem768_enc_deterministic(publicKey, message);
    return { cipherText: made.ciphertext, sharedSecret: made.sharedSecret };
  },
  decapsulate: (ciphertext, secretKey) => sodium.crypto_kem_mlkem768_dec(ciphertext, secretKey),
});

const eddsa25519 = (sodium: Sodium): EddsaLibrary => ({
  sign(message, seed) {
    const { privateKey } = sodium.crypto_sign_seed_keypair(seed);
    const signature = sodium.crypto_sign_detached(message, privateKey);
    wipe(privateKey);
    return signature;
  },
  verify: (signature, message, publicKey) =>
    sodium.crypto_sign_verify_detached(signature, message, publicKey),
});
