import { Reader } from "../wire/index.ts";
import { InvalidKey } from "./provider.ts";

/** Unsigned, most significant byte first, without leading zeros. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

const minModulusBits = 1024;
/** A peer chooses its key, and we pay for it: the limits that Go's crypto/tls sets. */
const maxModulusBits = 8192;
const maxExponentBits = 31;

/**
 * RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } (RFC 8017 §A.1.1).
 * @throws InvalidKey if it is something else, or of an unreasonable size
 */
export function parseRsaPublicKey(der: Uint8Array): RsaPublicKey {
  const key = decode(der);
  const modulusBits = bitLength(key.modulus);
  if (modulusBits < minModulusBits || modulusBits > maxModulusBits) {
    throw new InvalidKey(
      `RSA modulus must have ${minModulusBits} to ${maxModulusBits} bits, not ${modulusBits}`,
    );
  }
  const exponentBits = bitLength(key.exponent);
  if (exponentBits < 2 || exponentBits > maxExponentBits) {
    throw new InvalidKey(
      `RSA exponent must have 2 to ${maxExponentBits} bits, not ${exponentBits}`,
    );
  }
  if (!isOdd(key.modulus) || !isOdd(key.exponent)) {
    throw new InvalidKey("RSA modulus and exponent must be odd");
  }
  return key;
}

const bitLength = (unsigned: Uint8Array): number =>
  unsigned.length * 8 - Math.clz32(unsigned[0] ?? 0) + 24;

const isOdd = (unsigned: Uint8Array): boolean => ((unsigned.at(-1) ?? 0) & 1) === 1;

function decode(der: Uint8Array): RsaPublicKey {
  try {
    const reader = new Reader(der);
    const key = element(reader, 0x30, (sequence) => ({
      modulus: element(sequence, 0x02, integer),
      exponent: element(sequence, 0x02, integer),
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

/** INTEGER, positive, in its shortest form (X.690 §8.3). */
function integer(reader: Reader): Uint8Array {
  const bytes = reader.take(reader.remaining);
  const [first = 0x80, second = 0x80] = bytes;
  if (first >= 0x80 || (first === 0 && second < 0x80)) {
    throw new Error("the integer is empty, negative or padded");
  }
  return first === 0 ? bytes.subarray(1) : bytes;
}
