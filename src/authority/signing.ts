/** The keys that authorities sign with: in a file of the directory, or elsewhere, by a URI that stands there. */
import {
  type KeyType,
  type Oid,
  type PrivateKeyInfo,
  type Provider,
  type PublicKeyInfo,
  signatureNameIn,
  type SignatureName,
  type SubjectKeyType,
} from "../crypto/index.ts";
import {
  type Draft,
  type Signer,
  signAndVerify,
  signDraftWith,
  signingType,
  usualSignatureOf,
} from "../identity/index.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import { generateKeyPair, type KeyFile, type KeyPair, keyToPem } from "./keys.ts";
import type { Entry } from "./records.ts";

/** A key that is elsewhere: it signs, and never comes here. */
export interface RemoteKey {
  /** The public half. */
  readonly publicKey: PublicKeyInfo;
  /** Signs where the key is. */
  readonly signer: Signer;
}

/** Finds keys by their URIs: `TokenKeys` those in tokens of PKCS#11, one of your own those of a cloud's service. */
export interface RemoteKeys {
  /** Finds the key that is there. @throws where there is none */
  find(uri: string): Promise<RemoteKey>;
  /** Makes a key of that type, or finds the one that is there. @throws where it is of another type, or cannot be made */
  make(uri: string, type: KeyType | Oid): Promise<RemoteKey>;
}

/** What signs. */
export interface Signing {
  /** Signs, makes keys, and gives serial numbers. */
  readonly provider: Provider;
  /** Opens the signing key, if it is encrypted. */
  readonly passphrase?: string | undefined;
  /** Finds keys that are elsewhere. Absent: what such a key should sign is refused. */
  readonly remoteKeys?: RemoteKeys | undefined;
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
  /** The key's URI: it is made where that says, unless it is there. Absent: a file. */
  readonly keyUri?: string | undefined;
  /** Encrypts the file. */
  readonly newPassphrase?: string | undefined;
}

export const keyFile = (pem: string): KeyFile => ({ name: "key.pem", content: pem });

export const localKey = (key: PrivateKeyInfo, provider: Provider): SigningKey => ({
  /** A key that does not sign is none until it is asked to. */
  get signatureName() {
    return usualSignatureOf(key.type);
  },
  sign: (draft) => signAndVerify(draft, key, provider),
});

/** Makes a key, or takes the one that the token has under that URI. @throws TlsError, AuthorityError `misuse` */
export async function makeKey(
  type: SubjectKeyType,
  { keyUri, newPassphrase }: KeyPlace,
  { provider, remoteKeys }: Signing,
): Promise<NewKey> {
  if (keyUri === undefined) {
    const { privateKey, publicKey } = generateKeyPair(provider, type);
    const file = keyFile(keyToPem(privateKey, newPassphrase, provider));
    return { publicKey, signingKey: localKey(privateKey, provider), file };
  }
  if (newPassphrase !== undefined) {
    throw new AuthorityError(
      "misuse",
      "a key that is elsewhere is not encrypted: it never comes here",
    );
  }
  const key = await elsewhere(remoteKeys, keyUri).make(keyUri, signingType(type));
  return {
    publicKey: key.publicKey,
    signingKey: remoteKey(key, provider),
    file: { name: "key.uri", content: `${keyUri}\n` },
  };
}

/** @throws AuthorityError, TlsError `misuse` if the key is not here, or does not open */
export async function signingKeyOf(
  pki: PkiDirectory,
  entry: Entry,
  { provider, passphrase, remoteKeys }: Signing,
): Promise<SigningKey> {
  const file = pki.keyFile(entry);
  if (file?.name !== "key.uri") return localKey(pki.privateKey(entry, passphrase), provider);
  const uri = file.content.trim();
  return remoteKey(await elsewhere(remoteKeys, uri).find(uri), provider);
}

function remoteKey({ signer }: RemoteKey, provider: Provider): SigningKey {
  const [scheme] = signer.schemes;
  if (scheme === undefined) throw new AuthorityError("misuse", "the key signs nothing");
  return {
    signatureName: signatureNameIn(scheme),
    sign: (draft) => signDraftWith(draft, signer, provider),
  };
}

function elsewhere(keys: RemoteKeys | undefined, uri: string): RemoteKeys {
  if (keys !== undefined) return keys;
  throw new AuthorityError("misuse", `the key ${uri} is elsewhere: give \`remoteKeys\``);
}
