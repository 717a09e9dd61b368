import { mgf1, PKCS1_SHA256, PKCS1_SHA384, PKCS1_SHA512, PSS } from "micro-rsa-dsa-dh/rsa.js";
import { toHex } from "../../wire/index.ts";
import { checkKey } from "../check.ts";
import { hashLengths, keyTypes } from "../parameters.ts";
import type { HashName, SignatureAlgorithm, SignatureName } from "../provider.ts";
import { parseRsaPublicKey } from "../rsa-key.ts";
import { hashFunctions } from "./hash.ts";

interface Verification {
  verify(
    key: { readonly n: bigint; readonly e: bigint },
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean;
}

const pkcs1: Readonly<Record<HashName, Verification>> = {
  sha256: PKCS1_SHA256,
  sha384: PKCS1_SHA384,
  sha512: PKCS1_SHA512,
};

/** RFC 8017 §8.2. Verifies only: a signature by big integers would leak the key through its timing. */
export const nobleRsaPkcs1 = (name: SignatureName, hash: HashName): SignatureAlgorithm =>
  verifyOnly(name, pkcs1[hash]);

/** RFC 8017 §8.1. RFC 9846 §4.3.3: MGF1 with the same hash, and a salt as long as the digest. */
export const nobleRsaPss = (name: SignatureName, hash: HashName): SignatureAlgorithm =>
  verifyOnly(name, PSS(hashFunctions[hash], mgf1(hashFunctions[hash]), hashLengths[hash]));

function verifyOnly(name: SignatureName, verification: Verification): SignatureAlgorithm {
  return {
    backend: "micro-rsa-dsa-dh",
    name,
    keyTypes: keyTypes[name],
    verifier(info) {
      checkKey(name, info);
      const { modulus, exponent } = parseRsaPublicKey(info.key);
      const publicKey = { n: toInteger(modulus), e: toInteger(exponent) };
      return (message, signature) => {
        // RFC 8017 §8.1.2, §8.2.2: as long as the modulus
        if (signature.length !== modulus.length) return false;
        try {
          return verification.verify(publicKey, message, signature);
        } catch {
          // The library throws where an encoded message does not fit the modulus.
          return false;
        }
      };
    },
  };
}

const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
