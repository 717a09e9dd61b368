import { mgf1, PKCS1_SHA256, PKCS1_SHA384, PKCS1_SHA512, PSS } from "micro-rsa-dsa-dh/rsa.js";
import { Reader, toHex } from "../../wire/index.ts";
import { checkKeyType } from "../check.ts";
import { hashLengths } from "../parameters.ts";
import {
  type HashName,
  InvalidKey,
  type SignatureAlgorithm,
  type SignatureName,
} from "../provider.ts";
import { hashFunctions } from "./hash.ts";

interface RsaPublicKey {
  readonly n: bigint;
  readonly e: bigint;
}
interface Verification {
  verify(key: RsaPublicKey, message: Uint8Array, signature: Uint8Array): boolean;
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
    verifier({ type, key }) {
      checkKeyType(name, type);
      const publicKey = parseRsaPublicKey(key);
      return (message, signature) => {
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

const minModulusBits = 1024;
/** A peer chooses its key, and we pay for it: the limits that Go's crypto/tls sets. */
const maxModulusBits = 8192;
const maxExponent = 2n ** 31n - 1n;

/** RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } (RFC 8017 §A.1.1). */
function parseRsaPublicKey(der: Uint8Array): RsaPublicKey {
  const { n, e } = decodeTwoIntegers(der);
  const bits = n.toString(2).length;
  if (bits < minModulusBits || bits > maxModulusBits) {
    throw new InvalidKey(
      `RSA modulus must have ${minModulusBits} to ${maxModulusBits} bits, not ${bits}`,
    );
  }
  if (n % 2n === 0n || e % 2n === 0n || e < 3n || e > maxExponent) {
    throw new InvalidKey("RSA modulus and exponent must be odd, the exponent from 3 to 2^31 - 1");
  }
  return { n, e };
}

function decodeTwoIntegers(der: Uint8Array): RsaPublicKey {
  try {
    const reader = new Reader(der);
    const key = element(reader, 0x30, (sequence) => ({
      n: element(sequence, 0x02, integer),
      e: element(sequence, 0x02, integer),
    }));
    reader.expectEnd();
    return key;
  } catch (cause) {
    throw new InvalidKey("RSA public key is not an RSAPublicKey in DER (RFC 8017 §A.1.1)", {
      cause,
    });
  }
}

/** One element of DER (X.690 §8.1, §10.1): its tag, its shortest length, and exactly its content. */
function element<T>(reader: Reader, tag: number, read: (content: Reader) => T): T {
  if (reader.uint(1) !== tag) throw new Error(`expected the tag ${tag}`);
  const first = reader.uint(1);
  if (first < 0x80) return reader.within(first, read);
  const size = first - 0x80;
  if (size < 1 || size > 2) throw new Error("the length is indefinite or above 65535");
  const length = reader.uint(size);
  if (length < (size === 1 ? 0x80 : 0x100)) throw new Error("the length is not the shortest");
  return reader.within(length, read);
}

/** INTEGER, positive, shortest form (X.690 §8.3). */
function integer(reader: Reader): bigint {
  const bytes = reader.take(reader.remaining);
  const [first = 0x80, second = 0x80] = bytes;
  if (first >= 0x80 || (first === 0 && second < 0x80)) {
    throw new Error("the integer is empty, negative or padded");
  }
  return BigInt(`0x${toHex(bytes)}`);
}
