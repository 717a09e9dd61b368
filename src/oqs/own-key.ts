/** Private keys of liboqs in PKCS#8. */
import { InvalidKey } from "../crypto/index.ts";
import { readDer } from "../identity/der/der-reader.ts";
import { octetString } from "../identity/der/der-writer.ts";
import { concat, DecodeError, wipe } from "../wire/index.ts";

/** As liboqs has them. */
interface Halves {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** How a key pair is written and read. */
export interface OwnKey {
  /** Wipes the secret key. */
  write(halves: Halves): Uint8Array;
  /** Copies. @throws InvalidKey */
  read(key: Uint8Array): Halves;
}

/**
 * As oqs-provider writes them: an OCTET STRING with the secret key and the public key.
 * @param what names the algorithm in errors
 * @param lengths in bytes
 */
export function ownKey(
  what: string,
  lengths: { readonly publicKey: number; readonly secretKey: number },
): OwnKey {
  const length = lengths.secretKey + lengths.publicKey;
  return {
    write({ secretKey, publicKey }) {
      const whole = concat(secretKey, publicKey);
      const written = octetString(whole);
      wipe(secretKey, whole);
      return written;
    },
    read(key) {
      const whole = exactly(length, unwrap(key), `${what} private key`);
      const halves = {
        secretKey: whole.slice(0, lengths.secretKey),
        publicKey: whole.slice(lengths.secretKey),
      };
      wipe(whole);
      return halves;
    },
  };
}

/** @throws InvalidKey */
function unwrap(key: Uint8Array): Uint8Array {
  try {
    return readDer(key, (reader) => reader.octetString("privateKey"));
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new InvalidKey(`the private key is not an OCTET STRING: ${cause.message}`, { cause });
  }
}

/** A copy of a key that has the right length. @throws InvalidKey */
export function exactly(length: number, key: Uint8Array, what: string): Uint8Array {
  if (key.length === length) return new Uint8Array(key);
  throw new InvalidKey(`${what} must be ${length} bytes, not ${key.length}`);
}
