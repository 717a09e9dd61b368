import { x25519 } from "@noble/curves/ed25519.js";
import { x448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_kem1024, ml_kem512, ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { concat, utf8, wipe } from "../../wire/index.ts";
import { checkLength, checkUncompressed } from "../check.ts";
import { Held } from "../held.ts";
import { kemParameters } from "../parameters.ts";
import { InvalidKemInput, type Kem, type KemName, type RandomSource } from "../provider.ts";

/** A Diffie-Hellman function and its checks, from which a KEM is made. */
interface Exchange {
  readonly seedLength: number;
  secretKey(seed: Uint8Array): Uint8Array;
  publicKey(secretKey: Uint8Array): Uint8Array;
  /** Throws anything if the peer's key is unfit. */
  sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
}

/** RFC 7748: the library refuses an all-zero result, as RFC 9846 §7.4.2 asks. */
const montgomery = (curve: typeof x25519): Exchange => ({
  seedLength: curve.lengths.secretKey ?? 0,
  secretKey: (seed) => new Uint8Array(seed),
  publicKey: (secretKey) => curve.getPublicKey(secretKey),
  sharedSecret: (secretKey, publicKey) => curve.getSharedSecret(secretKey, publicKey),
});

/** RFC 9846 §7.4.2: the secret is the x coordinate, in the full length of the field. */
const weierstrass = (name: KemName, curve: typeof p256): Exchange => ({
  seedLength: curve.lengths.seed ?? 0,
  secretKey: (seed) => curve.utils.randomSecretKey(seed),
  publicKey: (secretKey) => curve.getPublicKey(secretKey, false),
  sharedSecret(secretKey, publicKey) {
    checkUncompressed(name, publicKey);
    const point = curve.getSharedSecret(secretKey, publicKey, false);
    const x = point.slice(1, 1 + kemParameters[name].sharedSecretLength);
    wipe(point);
    return x;
  },
});

function exchangeKem(name: KemName, exchange: Exchange, random: RandomSource): Kem {
  const parameters = kemParameters[name];
  function generate() {
    const seed = random(exchange.seedLength);
    const held = new Held(exchange.secretKey(seed));
    wipe(seed);
    const publicKey = exchange.publicKey(held.get());
    return {
      publicKey,
      decapsulate(peer: Uint8Array) {
        const secretKey = held.get();
        checkLength(name, "public key", parameters.publicKeyLength, peer);
        try {
          return exchange.sharedSecret(secretKey, peer);
        } catch (cause) {
          throw unfit(name, "public key", cause);
        }
      },
      wipe: () => held.wipe(),
    };
  }
  return {
    backend: "@noble/curves",
    name,
    ...parameters,
    generate,
    encapsulate(publicKey) {
      checkLength(name, "public key", parameters.publicKeyLength, publicKey);
      const ephemeral = generate();
      try {
        return {
          ciphertext: ephemeral.publicKey,
          sharedSecret: ephemeral.decapsulate(publicKey),
        };
      } finally {
        ephemeral.wipe();
      }
    },
  };
}

const encapsulationLabel = utf8("kemistry ML-KEM encapsulation randomness");

/**
 * The peer recovers the message `m` of FIPS 203 algorithm 17 exactly, and the library uses it as it
 * is given. So the generator's output is hashed first: a peer never sees a generator's state, not
 * even of a source that the caller brought (RFC 10024 §6).
 */
function encapsulationRandomness(random: RandomSource): Uint8Array {
  const output = random(32);
  const labelled = concat(encapsulationLabel, output);
  const message = sha256(labelled);
  wipe(output, labelled);
  return message;
}

function mlKem(name: KemName, library: typeof ml_kem768, random: RandomSource): Kem {
  const parameters = kemParameters[name];
  return {
    backend: "@noble/post-quantum",
    name,
    ...parameters,
    generate() {
      const seed = random(64);
      const { publicKey, secretKey } = library.keygen(seed);
      wipe(seed);
      const held = new Held<Uint8Array>(secretKey);
      return {
        publicKey,
        decapsulate(ciphertext) {
          const decapsulationKey = held.get();
          checkLength(name, "ciphertext", parameters.ciphertextLength, ciphertext);
          return library.decapsulate(ciphertext, decapsulationKey);
        },
        wipe: () => held.wipe(),
      };
    },
    encapsulate(publicKey) {
      checkLength(name, "encapsulation key", parameters.publicKeyLength, publicKey);
      const message = encapsulationRandomness(random);
      try {
        const { cipherText, sharedSecret } = library.encapsulate(publicKey, message);
        return { ciphertext: cipherText, sharedSecret };
      } catch (cause) {
        throw unfit(name, "encapsulation key (FIPS 203 §7.2)", cause);
      } finally {
        wipe(message);
      }
    },
  };
}

function unfit(name: string, what: string, cause: unknown): InvalidKemInput {
  if (cause instanceof InvalidKemInput) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InvalidKemInput(`${name} ${what} is invalid: ${reason}`, { cause });
}

export const nobleKems = (random: RandomSource): Readonly<Record<KemName, Kem>> => ({
  x25519: exchangeKem("x25519", montgomery(x25519), random),
  x448: exchangeKem("x448", montgomery(x448), random),
  secp256r1: exchangeKem("secp256r1", weierstrass("secp256r1", p256), random),
  secp384r1: exchangeKem("secp384r1", weierstrass("secp384r1", p384), random),
  secp521r1: exchangeKem("secp521r1", weierstrass("secp521r1", p521), random),
  "ML-KEM-512": mlKem("ML-KEM-512", ml_kem512, random),
  "ML-KEM-768": mlKem("ML-KEM-768", ml_kem768, random),
  "ML-KEM-1024": mlKem("ML-KEM-1024", ml_kem1024, random),
});
