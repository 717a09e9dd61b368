import { createHash } from "node:crypto";
import type { PrivateKeyInfo, Provider, PublicKeyInfo, SubjectKeyType } from "../crypto/index.ts";
import {
  encodePem,
  encodePrivateKey,
  encodePublicKey,
  encryptPrivateKey,
} from "../identity/index.ts";

/** A private key, and what is certified of it. */
export interface KeyPair {
  /** The private half. */
  readonly privateKey: PrivateKeyInfo;
  /** The public half. */
  readonly publicKey: PublicKeyInfo;
}

/** Of a key in memory its PEM, of one in a token the URI that finds it there. */
export interface KeyFile {
  /** The file's name. */
  readonly name: "key.pem" | "key.uri";
  /** Its text. */
  readonly content: string;
}

/** Makes a key in memory. */
export function generateKeyPair(provider: Provider, type: SubjectKeyType): KeyPair {
  const key = provider.generateKey(type);
  return { privateKey: encodePrivateKey(key), publicKey: encodePublicKey(type, key.publicKey) };
}

/** A private key as it goes into its file. */
export const keyToPem = (
  key: PrivateKeyInfo,
  passphrase: string | undefined,
  provider: Provider,
): string =>
  passphrase === undefined
    ? encodePem("PRIVATE KEY", key.pkcs8)
    : encodePem("ENCRYPTED PRIVATE KEY", encryptPrivateKey(key, passphrase, { provider }));

/** What the journal knows a key by: SHA-256 of its SubjectPublicKeyInfo, in hexadecimal. */
export const keyHash = ({ spki }: PublicKeyInfo): string =>
  createHash("sha256").update(spki).digest("hex");
