/** Certificates whose keys may delegate, and delegated credentials under them. */
import { type KeyType, noble, type Scheme, schemes } from "../../src/crypto/index.ts";
import {
  createSigner,
  type CredentialWithKey,
  delegate,
  type Delegation,
  type DelegationRequest,
  delegationUsage,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
  KeyPurpose,
  type Usage,
} from "../../src/identity/index.ts";
import { ca, serverName, testTime } from "./identities.ts";
import { days } from "./sessions.ts";

export const schemeNamed = (name: string): Scheme =>
  schemes.find((scheme) => scheme.name === name)!;

/** A key in memory, both halves of it. */
export function newKey(type: KeyType) {
  const key = noble.generateKey(type);
  const privateKey = encodePrivateKey(key);
  return {
    publicKey: encodePublicKey(type, key.publicKey),
    privateKey,
    signer: createSigner(privateKey, noble),
  };
}

/** A credential whose certificate allows delegation, if it is not told otherwise. */
export function delegating(
  usage: Usage,
  special: Partial<Parameters<typeof issueCertificate>[0]> = {},
): CredentialWithKey {
  const { publicKey, signer } = newKey("ed25519");
  const leaf = issueCertificate({
    subject: { CN: `a ${usage} that delegates` },
    issuer: ca.certificate,
    signingKey: ca.privateKey,
    publicKey,
    names: { dns: [serverName] },
    notBefore: testTime - days,
    notAfter: testTime + 30 * days,
    extendedKeyUsage: [usage === "server" ? KeyPurpose.serverAuth : KeyPurpose.clientAuth],
    extensions: [delegationUsage],
    provider: noble,
    ...special,
  });
  return { chain: [leaf], signer };
}

/** Delegates for a day to a new P-256 key. */
export function delegated(
  credential: CredentialWithKey,
  usage: Usage,
  special: Partial<DelegationRequest> = {},
): Promise<Delegation> {
  const { publicKey, signer } = newKey("secp256r1");
  return delegate({
    certificate: credential.chain[0]!,
    signer: credential.signer,
    delegate: signer,
    delegateKey: publicKey,
    scheme: schemeNamed("ecdsa_secp256r1_sha256"),
    usage,
    now: testTime,
    lifetime: 86_400,
    ...special,
  });
}
