import { x25519 } from "@noble/curves/ed25519.js";
import { x448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { sha3_256 } from "@noble/hashes/sha3.js";
import { ml_kem1024, ml_kem512, ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { concat, equal, utf8, wipe } from "../../wire/index.ts";
import { checkLength, checkUncompressed } from "../check.ts";
import { checkSecretLength, exchangeKem, importing, unfit } from "../exchange-kem.ts";
import { Held } from "../held.ts";
import {
  decapsulationKeyLength,
  kemMessageLength,
  kemParameters,
  kemSeedLength,
} from "../parameters.ts";
import type { Encapsulation, Kem, KemKeyPair, KemName, RandomSource } from "../provider.ts";

/** Multiplies on a Montgomery curve. The library clamps, and throws for an all-zero result, as RFC 9846 §7.4.2 asks. */
export interface MontgomeryLibrary {
  getPublicKey(privateKey: Uint8Array): Uint8Array;
  getSharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
}

/** RFC 7748. */
export function montgomery(
  name: KemName,
  library: MontgomeryLibrary,
  random: RandomSource,
  backend = "@noble/curves",
): Kem {
  // The scalar is as long as the coordinate
  const { sharedSecretLength } = kemParameters[name];
  const keysOf = (privateKey: Uint8Array) => ({
    privateKey,
    publicKey: library.getPublicKey(privateKey),
  });
  return exchangeKem<Uint8Array>(name, backend, {
    generate: () => keysOf(random(sharedSecretLength)),
    importKeys: (privateKey) => keysOf(privateKey.slice()),
    sharedSecret: (privateKey, peer) => library.getSharedSecret(privateKey, peer),
  });
}

/** SEC 1. RFC 9846 §7.4.2: the secret is the x coordinate, in the full length of the field. */
export function weierstrass(name: KemName, curve: typeof p256, random: RandomSource): Kem {
  const { seed: seedLength = 0 } = curve.lengths;
  const keysOf = (privateKey: Uint8Array) => ({
    privateKey,
    publicKey: curve.getPublicKey(privateKey, false),
  });
  return exchangeKem<Uint8Array>(name, "@noble/curves", {
    generate() {
      const seed = random(seedLength);
      const privateKey = curve.utils.randomSecretKey(seed);
      wipe(seed);
      return keysOf(privateKey);
    },
    importKeys: (privateKey) => keysOf(privateKey.slice()),
    sharedSecret(privateKey, peer) {
      checkUncompressed(name, peer);
      const point = curve.getSharedSecret(privateKey, peer, false);
      const x = point.slice(1, 1 + kemParameters[name].sharedSecretLength);
      wipe(point);
      return x;
    },
  });
}

const encapsulationLabel = utf8("kemistry ML-KEM encapsulation randomness");

/**
 * The peer recovers the message `m` of FIPS 203 algorithm 17 exactly, and the library uses it as it
 * is given. So the generator's output is hashed first: a peer never sees a generator's state, not
 * even of a source that the caller brought (RFC 10024 §6).
 */
function encapsulationRandomness(random: RandomSource): Uint8Array {
  const output = random(kemMessageLength);
  const labelled = concat(encapsulationLabel, output);
  const message = sha256(labelled);
  wipe(output, labelled);
  return message;
}

export type MlKemName = "ML-KEM-512" | "ML-KEM-768" | "ML-KEM-1024";

/** FIPS 203 §6, with randomness that is given. `encapsulate` throws where the check of §7.2 fails. */
export interface MlKemLibrary {
  keygen(seed: Uint8Array): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  encapsulate(
    publicKey: Uint8Array,
    message: Uint8Array,
  ): { readonly cipherText: Uint8Array; readonly sharedSecret: Uint8Array };
  decapsulate(cipherText: Uint8Array, secretKey: Uint8Array): Uint8Array;
}

export const mlKems: Readonly<Record<MlKemName, typeof ml_kem768>> = {
  "ML-KEM-512": ml_kem512,
  "ML-KEM-768": ml_kem768,
  "ML-KEM-1024": ml_kem1024,
};

/**
 * The encapsulation key within a decapsulation key (FIPS 203 algorithm 16).
 * @throws Error if it is not the one whose hash stands behind it: the check of §7.3
 */
export function encapsulationKeyIn(name: MlKemName, decapsulationKey: Uint8Array): Uint8Array {
  const { publicKeyLength: length } = kemParameters[name];
  const end = decapsulationKey.length - 64;
  const publicKey = decapsulationKey.slice(end - length, end);
  if (!equal(sha3_256(publicKey), decapsulationKey.subarray(end, end + 32))) {
    throw new Error("the hash of the encapsulation key is wrong (FIPS 203 §7.3)");
  }
  return publicKey;
}

/** FIPS 203. */
export function mlKem(
  name: MlKemName,
  random: RandomSource,
  library: MlKemLibrary = mlKems[name],
  backend = "@noble/post-quantum",
): Kem {
  const parameters = kemParameters[name];
  function pairOf(seed: Uint8Array): KemKeyPair {
    const { publicKey, secretKey } = library.keygen(seed);
    return pairWith(publicKey, secretKey);
  }
  function pairWith(publicKey: Uint8Array, secretKey: Uint8Array): KemKeyPair {
    const held = new Held<Uint8Array>(secretKey);
    return {
      publicKey,
      decapsulate(ciphertext) {
        const decapsulationKey = held.get();
        checkLength(name, "ciphertext", parameters.ciphertextLength, ciphertext);
        return library.decapsulate(ciphertext, decapsulationKey);
      },
      wipe: () => void held.wipe(),
    };
  }
  function encapsulate(publicKey: Uint8Array, message: Uint8Array): Encapsulation {
    try {
      const { cipherText, sharedSecret } = library.encapsulate(publicKey, message);
      return { ciphertext: cipherText, sharedSecret };
    } catch (cause) {
      throw unfit(name, "encapsulation key (FIPS 203 §7.2)", cause);
    }
  }
  return {
    backend,
    name,
    ...parameters,
    generate() {
      const seed = random(kemSeedLength);
      const pair = pairOf(seed);
      wipe(seed);
      return pair;
    },
    importKeyPair(key) {
      const length = decapsulationKeyLength(name);
      return key.length === length
        ? importing(name, length, key, () => pairWith(encapsulationKeyIn(name, key), key.slice()))
        : importing(name, kemSeedLength, key, () => pairOf(key));
    },
    encapsulate(publicKey) {
      checkLength(name, "encapsulation key", parameters.publicKeyLength, publicKey);
      const message = encapsulationRandomness(random);
      try {
        return encapsulate(publicKey, message);
      } finally {
        wipe(message);
      }
    },
    encapsulateWith(publicKey, message) {
      checkLength(name, "encapsulation key", parameters.publicKeyLength, publicKey);
      checkSecretLength(name, "message", kemMessageLength, message);
      return encapsulate(publicKey, message);
    },
  };
}

export const nobleKems = (random: RandomSource): Readonly<Record<KemName, Kem>> => ({
  x25519: montgomery("x25519", x25519, random),
  x448: montgomery("x448", x448, random),
  secp256r1: weierstrass("secp256r1", p256, random),
  secp384r1: weierstrass("secp384r1", p384, random),
  secp521r1: weierstrass("secp521r1", p521, random),
  "ML-KEM-512": mlKem("ML-KEM-512", random),
  "ML-KEM-768": mlKem("ML-KEM-768", random),
  "ML-KEM-1024": mlKem("ML-KEM-1024", random),
});
