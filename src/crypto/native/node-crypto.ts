import * as crypto from "node:crypto";

interface PublicKeyEncoding {
  readonly format: string;
  readonly type?: string;
}

/** What newer versions of Node have and the types of Node 20 do not. */
interface NewerCrypto {
  generateKeyPairSync(
    type: string,
    options: {
      readonly namedCurve?: string;
      readonly publicKeyEncoding: PublicKeyEncoding;
    },
  ): {
    readonly publicKey: Buffer | { readonly x: string; readonly y?: string };
    readonly privateKey: crypto.KeyObject;
  };
  /** Late versions of Node 24 take a PEM string too. */
  diffieHellman(keys: {
    readonly privateKey: crypto.KeyObject;
    readonly publicKey: crypto.KeyObject | string;
  }): Buffer;
  /** Node 24.7. A string is PEM. */
  encapsulate(key: crypto.KeyObject | string): {
    readonly sharedKey: Buffer;
    readonly ciphertext: Buffer;
  };
  decapsulate(key: crypto.KeyObject, ciphertext: Uint8Array): Buffer;
}

export const newer = crypto as unknown as NewerCrypto;

export const backend = `node:crypto, OpenSSL ${process.versions.openssl}`;

const [major = 0, minor = 0] = process.versions.openssl.split(".").map(Number);

/**
 * OpenSSL 3.0 finds a decoder for DER and PEM by trying them all, which takes 65 to 95 µs; a JWK
 * goes past the decoders and takes 5. OpenSSL 3.5 decodes PEM in 6 to 11 µs; a JWK takes 19 there,
 * since Node 24 throws and catches an error to tell a key from its options.
 */
export const decodesFast = major > 3 || (major === 3 && minor >= 5);

export const spkiEncoding: PublicKeyEncoding = { format: "der", type: "spki" };
export const rawEncoding: PublicKeyEncoding = { format: "raw-public" };

/** Whether the running Node makes keys of this type. */
export function generates(type: string, publicKeyEncoding = spkiEncoding): boolean {
  try {
    newer.generateKeyPairSync(type, { publicKeyEncoding });
    return true;
  } catch {
    return false;
  }
}

/** Late versions of Node 24 write raw public keys: 2 µs faster than a JWK, 20 faster than DER. */
export const writesRawKeys = generates("x25519", rawEncoding);

/** Whether a key agreement takes the peer's key as a PEM string, so that no KeyObject is needed. */
export const agreesByPem = ((): boolean => {
  if (!decodesFast) return false;
  const { publicKey, privateKey } = crypto.generateKeyPairSync("x25519");
  try {
    const pem = publicKey.export({ format: "pem", type: "spki" });
    newer.diffieHellman({ privateKey, publicKey: pem.toString() });
    return true;
  } catch {
    return false;
  }
})();

/** The slots that the running Node can fill. */
export function available<Name extends string, Slot>(
  names: readonly Name[],
  has: (name: Name) => boolean,
  make: (name: Name) => Slot,
): Partial<Record<Name, Slot>> {
  const slots: Partial<Record<Name, Slot>> = {};
  for (const name of names) if (has(name)) slots[name] = make(name);
  return slots;
}

/** The same bytes without the ways of Buffer, whose `slice` aliases. */
export const plain = (buffer: Uint8Array): Uint8Array =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);

/** The same bytes as a Buffer, which knows base64. */
export const buffered = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
