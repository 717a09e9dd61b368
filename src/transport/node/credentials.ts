/** Certificates and keys in the forms in which `node:tls` takes them. */
import type { Provider } from "../../crypto/index.ts";
import { openTripleDes } from "../../crypto/native/triple-des.ts";
import {
  type CertificateInput,
  createCredential,
  type Credential,
  parseCertificates,
  parsePrivateKey,
  publicKeyOf,
  readPkcs12,
} from "../../identity/index.ts";
import * as check from "../../registry/check.ts";
import { equal, isBytes } from "../../wire/index.ts";

/** A private key as it comes from a file, with its passphrase where it has one of its own. */
export type KeyInput =
  | string
  | Uint8Array
  | { readonly pem: string | Uint8Array; readonly passphrase?: string };

/** A PKCS #12 file in DER, with its passphrase where it has one of its own. */
export type PfxInput = Uint8Array | { readonly buf: Uint8Array; readonly passphrase?: string };

/** Who an end is, in the spelling of `node:tls`, or as credentials that are there already. */
export interface CredentialOptions {
  /**
   * Our certificate and those above it, leaf first, in PEM or DER. Where `key` is a list of several, a list of
   * as many such chains, in any order.
   */
  readonly cert?: CertificateInput;
  /** The private key of `cert`, in PEM or DER; a list of them for several certificates. */
  readonly key?: KeyInput | readonly KeyInput[];
  /**
   * PKCS #12 files in DER: each is a key with its chain, encrypted with AES or 3DES. None of its certificates becomes
   * trusted: write `ca`.
   */
  readonly pfx?: PfxInput | readonly PfxInput[];
  /** Of each `key` and `pfx` that brings none of its own. */
  readonly passphrase?: string;
}

const isList = Array.isArray as (value: unknown) => value is readonly unknown[];
const isObject = (value: unknown): boolean => typeof value === "object" && !isBytes(value);

export const content: check.Check = (value, where) => {
  if (typeof value === "string" || isBytes(value)) return;
  check.like("PEM, or DER as a Uint8Array")(undefined, where);
};
export const contents = check.either(isList, check.listOf(content), content);
const key = check.either(
  isObject,
  check.complete({ pem: content, passphrase: check.text }, "write { pem, passphrase }", ["pem"]),
  content,
);
const pfx = check.either(
  isObject,
  check.complete({ buf: check.bytes, passphrase: check.text }, "write { buf, passphrase }", [
    "buf",
  ]),
  check.bytes,
);

export const credentialTable = {
  cert: contents,
  key: check.either(isList, check.listOf(key, 1), key),
  pfx: check.either(isList, check.listOf(pfx, 1), pfx),
  passphrase: check.text,
} satisfies check.OptionTable<CredentialOptions>;

/** @throws TypeError for one without the other, TlsError `misuse` for what cannot be read or does not fit */
export function credentialsOf(options: CredentialOptions, provider: Provider): Credential[] {
  const { pfx: files = [], passphrase } = options;
  const inFiles = (isList(files) ? files : [files]).map((each) => {
    const own = "buf" in each ? each : { buf: each };
    return createCredential({
      ...readPkcs12(own.buf, { passphrase: own.passphrase ?? passphrase, openTripleDes }),
      provider,
    });
  });
  return [...inFiles, ...inPem(options, provider)];
}

function inPem(
  { cert, key: given, pfx: files, passphrase }: CredentialOptions,
  provider: Provider,
): Credential[] {
  if ((cert ?? given ?? (files === undefined ? passphrase : undefined)) === undefined) return [];
  if (cert === undefined || given === undefined) {
    throw new TypeError("`cert` and `key` go together: a certificate needs its private key");
  }
  const keys = (isList(given) ? given : [given]).map((each) => readKey(each, passphrase));
  if (keys.length === 1) {
    return [createCredential({ certificates: readable(cert), privateKey: keys[0]!, provider })];
  }
  const chains = (isList(cert) ? cert : [cert]).map((each) => parseCertificates(readable(each)));
  if (chains.length !== keys.length) {
    throw new TypeError(
      `${keys.length} keys need as many chains in \`cert\`, not ${chains.length}`,
    );
  }
  return keys.map((privateKey, index) => {
    const own = publicKeyOf(privateKey, provider).key;
    const at = chains.findIndex(([leaf]) => leaf && equal(leaf.publicKey.key, own));
    const [certificates] = at < 0 ? [] : chains.splice(at, 1);
    if (certificates !== undefined) return createCredential({ certificates, privateKey, provider });
    throw new TypeError(`key[${index}] is the key of no chain in \`cert\``);
  });
}

function readKey(given: KeyInput, passphrase: string | undefined) {
  const own = typeof given === "object" && "pem" in given ? given : { pem: given };
  const { pem, passphrase: word = passphrase } = own;
  return parsePrivateKey(textOrDer(pem), word === undefined ? {} : { passphrase: word });
}

/** Files' contents as the parsers take them. */
export function readable(input: CertificateInput): (string | Uint8Array)[] {
  const items = isList(input) ? input : [input];
  return items.map(textOrDer);
}

/** A file's content may be either. */
function textOrDer(given: string | Uint8Array): string | Uint8Array {
  if (typeof given === "string") return given;
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  return bytes.includes("-----BEGIN") ? bytes.toString() : given;
}
