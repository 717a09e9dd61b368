import { ecdsa, type ECDSA } from "@noble/curves/abstract/weierstrass.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { checkKey } from "../check.ts";
import { keyTypes } from "../parameters.ts";
import { perKey } from "../per-key.ts";
import {
  type HashName,
  InvalidKey,
  type SignatureAlgorithm,
  type SignatureName,
  type SubjectKeyType,
} from "../provider.ts";
import { hashFunctions } from "./hash.ts";

/** The NIST curves, by the key type that uses them. */
export const curves: Partial<Record<SubjectKeyType, ECDSA>> = {
  secp256r1: p256,
  secp384r1: p384,
  secp521r1: p521,
};

/** X.509 and TLS know no low-S rule: s is neither checked nor changed. */
const signatureForm = { lowS: false, format: "der" } as const;

const schemes = new Map<string, ECDSA>();

/** Any hash over any curve. RFC 6979 takes the hash of the signature, so each pair is its own scheme. */
function schemeFor(type: SubjectKeyType, hash: HashName): ECDSA {
  const curve = curves[type];
  if (curve === undefined) throw new InvalidKey(`${type} is not a curve of ECDSA`);
  const name = `${type} ${hash}`;
  let scheme = schemes.get(name);
  if (scheme === undefined) {
    scheme = ecdsa(curve.Point, hashFunctions[hash], { lowS: false });
    schemes.set(name, scheme);
  }
  return scheme;
}

export function nobleEcdsa(name: SignatureName, hash: HashName): SignatureAlgorithm {
  return {
    backend: "@noble/curves",
    name,
    keyTypes: keyTypes[name],
    verifier: perKey(({ type, key }) => {
      checkKey(name, { type });
      const scheme = schemeFor(type, hash);
      if (!scheme.utils.isValidPublicKey(key)) {
        throw new InvalidKey(`${type} public key is not a point of the curve`);
      }
      const publicKey = new Uint8Array(key);
      return (message, signature) => scheme.verify(signature, message, publicKey, signatureForm);
    }),
    signer({ type, key }) {
      checkKey(name, { type });
      const scheme = schemeFor(type, hash);
      if (!scheme.utils.isValidSecretKey(key)) {
        throw new InvalidKey(`${type} private key is not a scalar between 1 and the order`);
      }
      const secretKey = new Uint8Array(key);
      return (message) => scheme.sign(message, secretKey, signatureForm);
    },
  };
}
