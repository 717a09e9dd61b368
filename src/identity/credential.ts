import type { PrivateKeyInfo, Provider, PublicKeyInfo } from "../crypto/provider.ts";
import type { Scheme } from "../crypto/scheme.ts";
import { TlsError } from "../registry/index.ts";
import { utf8 } from "../wire/index.ts";
import type { Certificate, CertificateInput } from "./certificate.ts";
import type { Delegation } from "./delegated-credential.ts";
import { parsePrivateKey } from "./keys.ts";
import { verifierOf } from "./public-key.ts";
import { createSigner, type LocalSigner, type Signer } from "./signer.ts";
import { toCertificates } from "./trust.ts";

/** What one end proves its identity with. With a key in a token, make one of a chain and a {@link Signer}. */
export interface Credential {
  /** Leaf first; each next certificate certifies the one before (RFC 9846 §4.5.1). */
  readonly chain: readonly Certificate[];
  readonly signer: Signer;
  /** A response for the leaf, in DER, to be stapled where the peer asks (RFC 9846 §4.5.1.1). */
  readonly ocspResponse?: Uint8Array;
  /** Proofs of logging for the leaf (RFC 6962 §3.3). */
  readonly signedCertificateTimestamps?: readonly Uint8Array[];
  /** A short-lived key that signs handshakes in the certificate's name (RFC 9345). */
  readonly delegation?: Delegation;
  /** The key itself, presented without a certificate (RFC 7250); the chain is then empty. */
  readonly rawPublicKey?: PublicKeyInfo;
}

export interface CredentialInput {
  /** Leaf first. */
  readonly certificates: CertificateInput | readonly Certificate[];
  /** As {@link parsePrivateKey} takes it. */
  readonly privateKey: string | Uint8Array | PrivateKeyInfo;
  readonly provider: Provider;
  /** As {@link createSigner} takes them. */
  readonly schemes?: readonly Scheme[];
}

/**
 * Puts a chain and its private key together.
 * @throws TlsError `misuse` if they do not belong together, or if the provider cannot sign with the key
 */
export function createCredential(input: CredentialInput): Credential {
  const chain = toCertificates(input.certificates);
  const [leaf] = chain;
  if (leaf === undefined) throw new TlsError("misuse", "a credential needs a certificate");
  const key = isParsed(input.privateKey) ? input.privateKey : parsePrivateKey(input.privateKey);
  const signer = createSigner(key, input.provider, input.schemes);
  if (!belongTogether(leaf, key, signer, input.provider)) {
    throw new TlsError("misuse", "the private key is not that of the first certificate", {
      expected: `the ${leaf.publicKey.type} key of "${leaf.subject.text}"`,
      received: `another key, of type ${key.type}`,
    });
  }
  return { chain, signer };
}

const isParsed = (key: CredentialInput["privateKey"]): key is PrivateKeyInfo =>
  typeof key !== "string" && !(key instanceof Uint8Array);

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
  const verify = verifierOf(leaf.publicKey, scheme.algorithm, provider, "certificate[0]");
  return verify(message, signer.sign(scheme, message));
}
