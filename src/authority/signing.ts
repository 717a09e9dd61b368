/** The keys that authorities sign with: in a file of the directory, or in a token that it names. */
import {
  type KeyType,
  type Oid,
  type PrivateKeyInfo,
  type Provider,
  signatureNameIn,
  type SignatureName,
} from "../crypto/index.ts";
import type { TokenKey, TokenKeys } from "../hsm/index.ts";
import { type Draft, signAndVerify, signDraftWith, usualSignatureOf } from "../identity/index.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import { generateKeyPair, type KeyFile, type KeyPair, keyToPem } from "./keys.ts";
import type { Entry } from "./records.ts";

/** What signs. */
export interface Signing {
  readonly provider: Provider;
  /** Opens the signing key, if it is encrypted. */
  readonly passphrase?: string | undefined;
  /** Finds keys that are in tokens. Absent: what such a key should sign is refused. */
  readonly tokens?: TokenKeys | undefined;
}

/** A key that signs, wherever it is. What it has signed was verified. */
export interface SigningKey {
  readonly signatureName: SignatureName | Oid;
  sign<T>(draft: Draft<T>): T | Promise<T>;
}

/** A new key: what is certified of it, what signs with it, and the file that it is kept in. */
export interface NewKey extends Pick<KeyPair, "publicKey"> {
  readonly signingKey: SigningKey;
  readonly file: KeyFile;
}

/** Where a new key is to be made. */
export interface KeyPlace {
  /** The key's URI (RFC 7512): it is made in that token, unless it is there. Absent: a file. */
  readonly keyUri?: string | undefined;
  /** Encrypts the file. */
  readonly newPassphrase?: string | undefined;
}

export const keyFile = (pem: string): KeyFile => ({ name: "key.pem", content: pem });

export const localKey = (key: PrivateKeyInfo, provider: Provider): SigningKey => ({
  signatureName: usualSignatureOf(key.type),
  sign: (draft) => signAndVerify(draft, key, provider),
});

/** Makes a key, or takes the one that the token has under that URI. @throws TlsError, AuthorityError `misuse` */
export async function makeKey(
  type: KeyType | Oid,
  { keyUri, newPassphrase }: KeyPlace,
  { provider, tokens }: Signing,
): Promise<NewKey> {
  if (keyUri === undefined) {
    const { privateKey, publicKey } = generateKeyPair(provider, type);
    const file = keyFile(keyToPem(privateKey, newPassphrase, provider));
    return { publicKey, signingKey: localKey(privateKey, provider), file };
  }
  if (newPassphrase !== undefined) {
    throw new AuthorityError("misuse", "a key in a token is not encrypted: it never leaves it");
  }
  const key = await theTokens(tokens, keyUri).make(keyUri, type);
  return {
    publicKey: key.publicKey,
    signingKey: tokenKey(key, provider),
    file: { name: "key.uri", content: `${keyUri}\n` },
  };
}

/** @throws AuthorityError, TlsError `misuse` if the key is not here, or does not open */
export async function signingKeyOf(
  pki: PkiDirectory,
  entry: Entry,
  { provider, passphrase, tokens }: Signing,
): Promise<SigningKey> {
  const file = pki.keyFile(entry);
  if (file?.name !== "key.uri") return localKey(pki.privateKey(entry, passphrase), provider);
  const uri = file.content.trim();
  return tokenKey(await theTokens(tokens, uri).find(uri), provider);
}

function tokenKey({ signer }: TokenKey, provider: Provider): SigningKey {
  const [scheme] = signer.schemes;
  if (scheme === undefined) throw new AuthorityError("misuse", "the token's key signs nothing");
  return {
    signatureName: signatureNameIn(scheme),
    sign: (draft) => signDraftWith(draft, signer, provider),
  };
}

function theTokens(tokens: TokenKeys | undefined, uri: string): TokenKeys {
  if (tokens !== undefined) return tokens;
  throw new AuthorityError("misuse", `${uri} is in a token: give \`tokens\``);
}
