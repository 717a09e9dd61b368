import {
  slh_dsa_sha2_128f,
  slh_dsa_sha2_128s,
  slh_dsa_sha2_192f,
  slh_dsa_sha2_192s,
  slh_dsa_sha2_256f,
  slh_dsa_sha2_256s,
  slh_dsa_shake_128f,
  slh_dsa_shake_128s,
  slh_dsa_shake_192f,
  slh_dsa_shake_192s,
  slh_dsa_shake_256f,
  slh_dsa_shake_256s,
} from "@noble/post-quantum/slh-dsa.js";
import { wipe } from "../../wire/index.ts";
import { checkKey } from "../check.ts";
import { forSlhDsa, slhDsaParameters, keyTypes } from "../parameters.ts";
import {
  InvalidKey,
  type RandomSource,
  type SignatureAlgorithm,
  type SlhDsaName,
} from "../provider.ts";

export const slhDsa: Readonly<Record<SlhDsaName, typeof slh_dsa_sha2_128f>> = {
  "SLH-DSA-SHA2-128s": slh_dsa_sha2_128s,
  "SLH-DSA-SHA2-128f": slh_dsa_sha2_128f,
  "SLH-DSA-SHA2-192s": slh_dsa_sha2_192s,
  "SLH-DSA-SHA2-192f": slh_dsa_sha2_192f,
  "SLH-DSA-SHA2-256s": slh_dsa_sha2_256s,
  "SLH-DSA-SHA2-256f": slh_dsa_sha2_256f,
  "SLH-DSA-SHAKE-128s": slh_dsa_shake_128s,
  "SLH-DSA-SHAKE-128f": slh_dsa_shake_128f,
  "SLH-DSA-SHAKE-192s": slh_dsa_shake_192s,
  "SLH-DSA-SHAKE-192f": slh_dsa_shake_192f,
  "SLH-DSA-SHAKE-256s": slh_dsa_shake_256s,
  "SLH-DSA-SHAKE-256f": slh_dsa_shake_256f,
};

export const nobleSlhDsas = (
  random: RandomSource,
): Readonly<Record<SlhDsaName, SignatureAlgorithm>> =>
  forSlhDsa((name) => nobleSlhDsa(name, random));

/** FIPS 205, pure, with an empty context (RFC 9909), hedged when it signs: which takes seconds. */
function nobleSlhDsa(name: SlhDsaName, random: RandomSource): SignatureAlgorithm {
  const scheme = slhDsa[name];
  const { publicKeyLength, privateKeyLength, signatureLength } = slhDsaParameters(name);
  return {
    backend: "@noble/post-quantum",
    name,
    keyTypes: keyTypes[name],
    verifier({ type, key }) {
      checkKey(name, { type });
      const publicKey = exactly(publicKeyLength, key, `${name} public key`);
      return (message, signature) =>
        signature.length === signatureLength && scheme.verify(signature, message, publicKey);
    },
    signer({ type, key }) {
      checkKey(name, { type });
      const secretKey = exactly(privateKeyLength, key, `${name} private key`);
      return (message) => {
        const hedge = random(publicKeyLength / 2);
        try {
          return scheme.sign(message, secretKey, { extraEntropy: hedge });
        } finally {
          wipe(hedge);
        }
      };
    },
  };
}

/** A copy of a key that has the right length. @throws InvalidKey */
function exactly(length: number, key: Uint8Array, what: string): Uint8Array {
  if (key.length === length) return new Uint8Array(key);
  throw new InvalidKey(`${what} must be ${length} bytes, not ${key.length}`);
}
