import { ed25519 } from "@noble/curves/ed25519.js";
import { ed448 } from "@noble/curves/ed448.js";
import { checkKey } from "../check.ts";
import { keyTypes } from "../parameters.ts";
import { perKey } from "../per-key.ts";
import { InvalidKey, type SignatureAlgorithm } from "../provider.ts";

export const edwards = { ed25519, ed448 };

/** RFC 8032 decoding of points; ZIP 215, the library's default for Ed25519, takes more. */
const strict = { zip215: false };

/** Signs and verifies by seeds and public keys that were checked. */
export interface EddsaLibrary {
  sign(message: Uint8Array, seed: Uint8Array): Uint8Array;
  verify(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
    options: typeof strict,
  ): boolean;
}

export function eddsa(
  name: keyof typeof edwards,
  scheme: typeof ed25519,
  library: EddsaLibrary = scheme,
  backend = "@noble/curves",
): SignatureAlgorithm {
  const signatureLength = scheme.lengths.signature;
  return {
    backend,
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
        library.verify(signature, message, publicKey, strict);
    }),
    signer({ type, key }) {
      checkKey(name, { type });
      if (!scheme.utils.isValidSecretKey(key)) {
        throw new InvalidKey(
          `${name} seed must be ${scheme.lengths.secretKey} bytes, not ${key.length}`,
        );
      }
      const seed = new Uint8Array(key);
      return (message) => library.sign(message, seed);
    },
  };
}
