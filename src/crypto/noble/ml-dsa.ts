import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { wipe } from "../../wire/index.ts";
import { checkKey } from "../check.ts";
import { keyTypes } from "../parameters.ts";
import { InvalidKey, type RandomSource, type SignatureAlgorithm } from "../provider.ts";

type MlDsaName = "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87";

export const mlDsa: Readonly<Record<MlDsaName, typeof ml_dsa44>> = {
  "ML-DSA-44": ml_dsa44,
  "ML-DSA-65": ml_dsa65,
  "ML-DSA-87": ml_dsa87,
};

/** FIPS 204, pure, with an empty context (draft-ietf-tls-mldsa, RFC 9881), hedged when it signs. */
export function nobleMlDsa(name: MlDsaName, random: RandomSource): SignatureAlgorithm {
  const scheme = mlDsa[name];
  const { publicKey: publicKeyLength, secretKey: secretKeyLength, signature } = scheme.lengths;
  return {
    backend: "@noble/post-quantum",
    name,
    keyTypes: keyTypes[name],
    verifier({ type, key }) {
      checkKey(name, { type });
      if (key.length !== publicKeyLength) {
        throw new InvalidKey(
          `${name} public key must be ${publicKeyLength} bytes, not ${key.length}`,
        );
      }
      const publicKey = new Uint8Array(key);
      return (message, bytes) =>
        bytes.length === signature && scheme.verify(bytes, message, publicKey);
    },
    signer({ type, key }) {
      checkKey(name, { type });
      if (key.length !== secretKeyLength) {
        throw new InvalidKey(
          `${name} private key must be ${secretKeyLength} bytes, not ${key.length}`,
        );
      }
      const secretKey = new Uint8Array(key);
      return (message) => {
        const hedge = random(32);
        try {
          return scheme.sign(message, secretKey, { extraEntropy: hedge });
        } finally {
          wipe(hedge);
        }
      };
    },
  };
}
