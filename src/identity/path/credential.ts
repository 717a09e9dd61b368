import type { PrivateKeyInfo, Provider, PublicKeyInfo } from "../../crypto/provider.ts";
import { kemOf } from "../../crypto/hpke.ts";
import type { KemScheme } from "../../crypto/kem-scheme.ts";
import { algorithmOf, type Scheme } from "../../crypto/scheme.ts";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import { equal, utf8, wipe, isBytes } from "../../wire/index.ts";
import type { Certificate, CertificateInput } from "../certificate/certificate.ts";
import * as option from "../certificate/option-checks.ts";
import type { Delegation } from "./delegated-credential.ts";
import { parsePrivateKey } from "../keys/keys.ts";
import { verifierOf } from "../keys/public-key.ts";
import {
  createDecapsulator,
  type Decapsulator,
  type LocalDecapsulator,
} from "../keys/decapsulator.ts";
import { createSigner, type LocalSigner, type Signer } from "../keys/signer.ts";
import { toCertificates } from "./trust.ts";

/** What one end proves its identity with: its own key, a delegated one (RFC 9345), both, or a key that decapsulates. */
export type Credential = CredentialWithKey | CredentialWithoutKey | KemCredential;

interface Presented {
  /** Leaf first; each next certificate certifies the one before (RFC 9846 §4.5.1). */
  readonly chain: readonly Certificate[];
  /** A response for the leaf, in DER, to be stapled where the peer asks (RFC 9846 §4.5.1.1). */
  readonly ocspResponse?: Uint8Array;
  /** Proofs of logging for the leaf (RFC 6962 §3.3). */
  readonly signedCertificateTimestamps?: readonly Uint8Array[];
  /** The key itself, presented without a certificate (RFC 7250); the chain is then empty. */
  readonly rawPublicKey?: PublicKeyInfo;
  /**
   * Presents it only to a peer that names an authority of its chain (RFC 9846 §4.3.4), as a chain to a root
   * that few trust yet. Default: false, such a peer only gets it rather than another.
   */
  readonly onlyForNamedAuthority?: boolean;
}

/** With the key of its certificate. For a key in a token, make one of a chain and a {@link Signer}. */
export interface CredentialWithKey extends Presented {
  /** Signs CertificateVerify with the certificate's key. */
  readonly signer: Signer;
  /** Never: that is a {@link KemCredential}. */
  readonly decapsulator?: undefined;
  /** A short-lived key that signs instead where the peer takes it (RFC 9345). */
  readonly delegation?: Delegation;
}

/** Without it: the certificate's key stays elsewhere, and peers that take no delegated credentials get nothing. */
export interface CredentialWithoutKey extends Presented {
  /** Never: the certificate's key is elsewhere. */
  readonly signer?: undefined;
  /** Never: that is a {@link KemCredential}. */
  readonly decapsulator?: undefined;
  /** The short-lived key that signs in its stead (RFC 9345). */
  readonly delegation: Delegation;
}

/** Proves itself by decapsulating what the peer encapsulates to its key: AuthKEM, experimental. */
export interface KemCredential extends Presented {
  /** Never: the key encapsulates, and does not sign. */
  readonly signer?: undefined;
  /** Never: RFC 9345 delegates signatures alone. */
  readonly delegation?: undefined;
  /** Decapsulates with the certificate's key. */
  readonly decapsulator: Decapsulator;
}

/** A chain and its private key, as they come from files. */
export interface CredentialInput {
  /** Leaf first. */
  readonly certificates: CertificateInput | readonly Certificate[];
  /** As {@link parsePrivateKey} takes it. */
  readonly privateKey: string | Uint8Array | PrivateKeyInfo;
  /** Signs with the key. */
  readonly provider: Provider;
  /** As {@link createSigner} takes them. */
  readonly schemes?: readonly Scheme[];
}

const credentialTable = {
  certificates: () => {},
  privateKey: option.privateKeyInput,
  provider: option.provider,
  schemes: check.listOf(option.scheme),
} satisfies check.OptionTable<CredentialInput>;
const checkInput = check.complete(credentialTable, "write { certificates, privateKey, provider }", [
  "certificates",
  "privateKey",
  "provider",
]);

/**
 * Puts a chain and its private key together.
 * @throws TypeError or RangeError for options that cannot be; TlsError `misuse` if they do not belong together, or if the provider cannot sign with the key
 */
export function createCredential(input: CredentialInput): CredentialWithKey {
  checkInput(input, "createCredential");
  const { chain, leaf, key } = partsOf(input);
  const signer = createSigner(key, input.provider, input.schemes);
  if (!belongTogether(leaf, key, signer, input.provider)) throw notTogether(leaf, key);
  return { chain, signer };
}

function partsOf({
  certificates,
  privateKey,
}: Pick<CredentialInput, "certificates" | "privateKey">) {
  const chain = toCertificates(certificates);
  const [leaf] = chain;
  if (leaf === undefined) throw new TlsError("misuse", "a credential needs a certificate");
  const key = isParsed(privateKey) ? privateKey : parsePrivateKey(privateKey);
  return { chain, leaf, key };
}

const notTogether = (leaf: Certificate, key: PrivateKeyInfo): TlsError =>
  new TlsError("misuse", "the private key is not that of the first certificate", {
    expected: `the ${leaf.publicKey.type} key of "${leaf.subject.text}"`,
    received: `another key, of type ${key.type}`,
  });

/** As {@link CredentialInput}, for a key that decapsulates. */
export type KemCredentialInput = Omit<CredentialInput, "schemes"> & {
  /** As {@link createDecapsulator} takes them. */
  readonly schemes?: readonly KemScheme[];
};

const checkKemInput = check.complete(
  {
    ...credentialTable,
    schemes: check.listOf(check.like("a KEM scheme: defineKemScheme(…)", "name", "hpke")),
  } satisfies check.OptionTable<KemCredentialInput>,
  "write { certificates, privateKey, provider }",
  ["certificates", "privateKey", "provider"],
);

/**
 * Puts a chain and its private key together, whose key encapsulates (RFC 9935, RFC 8410). Experimental.
 * @throws TypeError or RangeError for options that cannot be; TlsError `misuse` if they do not belong together
 */
export function createKemCredential(input: KemCredentialInput): KemCredential {
  checkKemInput(input, "createKemCredential");
  const { chain, leaf, key } = partsOf(input);
  const decapsulator = createDecapsulator(key, input.provider, input.schemes);
  if (!shareSecret(leaf, decapsulator, input.provider)) throw notTogether(leaf, key);
  return { chain, decapsulator };
}

const isParsed = (key: CredentialInput["privateKey"]): key is PrivateKeyInfo =>
  typeof key !== "string" && !isBytes(key);

/** Signs and verifies: the one way that is the same for all types of key. */
function belongTogether(
  leaf: Certificate,
  key: PrivateKeyInfo,
  signer: LocalSigner,
  provider: Provider,
): boolean {
  const [scheme] = signer.schemes;
  if (scheme === undefined || leaf.publicKey.type !== key.type) return false;
  const message = utf8("do these two belong together?");
  const verify = verifierOf(leaf.publicKey, algorithmOf(scheme, provider), "certificate[0]");
  return verify(message, signer.sign(scheme, message));
}

/** Encapsulates and decapsulates, which is all that a KEM's key can show. */
function shareSecret(
  { publicKey }: Certificate,
  decapsulator: LocalDecapsulator,
  provider: Provider,
): boolean {
  const scheme = decapsulator.schemes.find(({ keyType }) => keyType === publicKey.type);
  if (scheme === undefined) return false;
  const { ciphertext, sharedSecret } = kemOf(scheme.hpke.kem, provider).encapsulate(publicKey.key);
  const decapsulated = decapsulator.decapsulate(scheme, ciphertext);
  const isSame = equal(sharedSecret, decapsulated);
  wipe(sharedSecret, decapsulated);
  return isSame;
}
