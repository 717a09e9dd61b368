export { keyTypeNames, usualSignature } from "./algorithm.ts";
export {
  type Certificate,
  type CertificateInput,
  parseCertificate,
  parseCertificates,
} from "./certificate.ts";
export { type CertificateFinding, findingsOf } from "./certificate-findings.ts";
export { CertificateCache, type CertificateCacheLimits } from "./certificate-cache.ts";
export { type ChainOptions, VerifiedChain, verifyChain } from "./chain.ts";
export {
  createCredential,
  type Credential,
  type CredentialInput,
  type CredentialWithKey,
  type CredentialWithoutKey,
} from "./credential.ts";
export {
  createDevelopmentCa,
  type DevelopmentCa,
  type DevelopmentCaOptions,
  type DevelopmentRequest,
  type IssuedCredential,
} from "./development-ca.ts";
export {
  attributeNames,
  type DistinguishedName,
  type NameAttributes,
} from "./distinguished-name.ts";
export {
  type BasicConstraints,
  type Extensions,
  type KeyUsage,
  keyUsages,
  type NameConstraints,
  type RawExtension,
} from "./extensions.ts";
export type { GeneralNames } from "./general-name.ts";
export { type Draft, signAndVerify, signDraft, signDraftWith } from "./draft.ts";
export {
  draftCertificate,
  type DraftOptions,
  issueCertificate,
  type IssueOptions,
} from "./issue.ts";
export { printNames, sortNames, type SubjectNames } from "./subject-names.ts";
export { createCsr, type CsrDraftOptions, type CsrOptions, draftCsr } from "./create-csr.ts";
export { type Csr, parseCsr, verifyCsr } from "./csr.ts";
export { type EncryptionOptions, encryptPrivateKey } from "./encrypted-key.ts";
export { crlDistributionPoint, ocspLocations } from "./extension-writer.ts";
export {
  type CrlDraftOptions,
  type CrlOptions,
  draftCrl,
  issueCrl,
  type Revoked,
} from "./issue-crl.ts";
export {
  type Applicant,
  type Authority,
  draftForRequest,
  draftUnderProfile,
  issueUnderProfile,
  signRequest,
} from "./issue-under-profile.ts";
export { nameConstraints, type NameLimits } from "./name-constraints-writer.ts";
export { type Profile, profiles, purposeName } from "./profile.ts";
export { publicKeyOf } from "./public-key-of.ts";
export {
  encodePrivateKey,
  parsePrivateKey,
  type PrivateKeyForm,
  type PrivateKeyOptions,
} from "./keys.ts";
export { hostForm } from "./name-forms.ts";
export { matchesName, parseIpAddress, parseReferenceName, type ReferenceName } from "./names.ts";
export { type OidFilter, passesFilter } from "./oid-filter.ts";
export { extensionName, KeyPurpose } from "./oids.ts";
export type { PathLimits } from "./path-building.ts";
export { decodePem, encodePem, type PemBlock } from "./pem.ts";
export { decodePublicKey, encodePublicKey, verifierOf } from "./public-key.ts";
export { hasRightSignature } from "./signed.ts";
export { createSigner, type LocalSigner, type Signer } from "./signer.ts";
export { parseSpiffeId, type SpiffeId, spiffeIdOf } from "./spiffe.ts";
export { createTrustStore, type TrustStore } from "./trust.ts";
export type { Usage } from "./usage.ts";
export {
  draftOcspResponse,
  issueOcspResponse,
  type OcspDraftOptions,
  type OcspOptions,
  type OcspStatement,
} from "./issue-ocsp.ts";
export {
  type OcspResponse,
  type OcspStatus,
  parseOcspResponse,
  type Responder,
  type SingleResponse,
} from "./ocsp.ts";
export { type CertId, type CertIdHash, isMeant } from "./ocsp-cert-id.ts";
export {
  encodeOcspRequest,
  type OcspRequest,
  type OcspRequestOptions,
  parseOcspRequest,
} from "./ocsp-request.ts";
export { type Crl, type CrlEntry, type CrlReason, crlReasons, parseCrl, parseCrls } from "./crl.ts";
export type { PolicyOptions } from "./policy.ts";
export { type RevocationOptions, revocationTable } from "./revocation.ts";
export {
  delegate,
  type DelegatedCredential,
  type Delegation,
  delegationEnd,
  type DelegationRequest,
  delegationUsage,
  verifyDelegation,
} from "./delegated-credential.ts";
export { type DelegationInput, encodeDelegation, importDelegation } from "./import-delegation.ts";
export { TrustedKey } from "./trusted-key.ts";
