import { ed25519 } from "@noble/curves/ed25519.js";
import { ed448 } from "@noble/curves/ed448.js";
import { checkKey } from "../check.ts";
import { keyTypes } from "../parameters.ts";
import { perKey } from "../per-key.ts";
import { InvalidKey, type SignatureAlgorithm } from "../provider.ts";

export const edwards = { ed25519, ed448 };

/** RFC 8032 decoding of points; ZIP 215, the library's default for Ed25519, takes more. */
const strict = { zip215: false };

export function nobleEddsa(name: keyof typeof edwards, scheme: typeof ed25519): SignatureAlgorithm {
  const signatureLength = scheme.lengths.signature;
  return {
    backend: "@noble/curves",
    name,
    keyTypes: keyTypes[name],
    verifier: perKey(({ type, key }) => {
      checkKey(name, { type });
      if (!scheme.utils.isValidPublicKey(key, false)) {
        throw new InvalidKey(`${name} public key is not a point of the curve`);
      }
      const publicKey = new Uint8Array(key);
      return (message, signature) =>
        signature.length === signatureLength &&
        scheme.verify(signature, message, publicKey, strict);
    }),
    signer({ type, key }) {
      checkKey(name, { type });
      if (!scheme.utils.isValidSecretKey(key)) {
        throw new InvalidKey(
          `${name} seed must be ${scheme.lengths.secretKey} bytes, not ${key.length}`,
        );
      }
      const seed = new Uint8Array(key);
      return (message) => scheme.sign(message, seed);
    },
  };
}
