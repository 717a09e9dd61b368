export { type Certificate, parseCertificate, parseCertificates } from "./certificate.ts";
export { type ChainOptions, type Usage, VerifiedChain, verifyChain } from "./chain.ts";
export { createCredential, type Credential, type CredentialInput } from "./credential.ts";
export type { DistinguishedName } from "./distinguished-name.ts";
export type {
  BasicConstraints,
  Extensions,
  GeneralNames,
  KeyUsage,
  NameConstraints,
} from "./extensions.ts";
export { encodePrivateKey, encodePublicKey, parsePrivateKey, type PrivateKeyForm } from "./keys.ts";
export { createSigner, type Signer } from "./signer.ts";
export { createTrustStore, type TrustStore } from "./trust.ts";
