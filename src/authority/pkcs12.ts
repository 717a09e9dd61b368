import { openTripleDes } from "../crypto/native/triple-des.ts";
import { type KeyStore, readPkcs12 as readWith } from "../identity/index.ts";

/**
 * Reads a key with its certificates from PKCS #12 (RFC 7292), encrypted with AES or 3DES. Nothing is believed before the
 * MAC was right.
 * @param pfx - DER or BER
 * @throws TlsError `misuse` for a wrong passphrase, an encryption that is not supported, what is not a PFX in DER, and what
 *   does not have one key and its certificate
 */
export const readPkcs12 = (pfx: Uint8Array, passphrase: string): KeyStore =>
  readWith(pfx, { passphrase, openTripleDes });
