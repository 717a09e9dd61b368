import { chacha20 } from "@noble/ciphers/chacha.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, utf8 } from "../wire/index.ts";
import type { RandomSource } from "./provider.ts";

const label = utf8("kemistry seeded random");

/**
 * Randomness that repeats: the same seed gives the same bytes, call by call. For laboratories only;
 * who knows the seed knows every key. The n-th call is a ChaCha20 keystream (RFC 8439) under a hash
 * of the seed, with n as its nonce.
 */
export function seededRandom(seed: Uint8Array | string): RandomSource {
  const key = sha256(concat(label, typeof seed === "string" ? utf8(seed) : seed));
  const nonce = new Uint8Array(12);
  const calls = new DataView(nonce.buffer);
  let call = 0;
  return (length) => {
    calls.setUint32(0, call++);
    return chacha20(key, nonce, new Uint8Array(length));
  };
}
