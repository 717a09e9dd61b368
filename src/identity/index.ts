export { keyTypeNames, signingType, usualSignatureOf } from "./keys/algorithm.ts";
export {
  type Certificate,
  type CertificateInput,
  parseCertificate,
  parseCertificates,
} from "./certificate/certificate.ts";
export { type CertificateFinding, findingsOf } from "./certificate/certificate-findings.ts";
export { CertificateCache, type CertificateCacheLimits } from "./path/certificate-cache.ts";
export { type ChainOptions, VerifiedChain, verifyChain } from "./path/chain.ts";
export { NoPath, searchTable } from "./path/path-search.ts";
export {
  createCredential,
  type Credential,
  type CredentialInput,
  type CredentialWithKey,
  type CredentialWithoutKey,
  createKemCredential,
  type KemCredential,
  type KemCredentialInput,
} from "./path/credential.ts";
export {
  createDevelopmentCa,
  type DevelopmentCa,
  type DevelopmentCaOptions,
  type DevelopmentRequest,
  type IssuedCredential,
  type IssuedKemCredential,
  type KemRequest,
} from "./issuing/development-ca.ts";
export {
  attributeNames,
  type DistinguishedName,
  type NameAttributes,
  sameName,
} from "./certificate/distinguished-name.ts";
export {
  type BasicConstraints,
  type Extensions,
  type KeyUsage,
  keyUsages,
  type NameConstraints,
  type PolicyConstraints,
  type PolicyMapping,
  type RawExtension,
} from "./certificate/extensions.ts";
export type {
  DistributionPoint,
  DistributionPointName,
  IssuingDistributionPoint,
  Reasons,
} from "./certificate/distribution-point.ts";
export type { GeneralNames, OtherName } from "./certificate/general-name.ts";
export { type Draft, signAndVerify, signDraft, signDraftWith } from "./issuing/draft.ts";
export {
  draftCertificate,
  type DraftOptions,
  issueCertificate,
  type IssueOptions,
} from "./issuing/issue.ts";
export {
  type KeyStore,
  type OpenTripleDes,
  type Pkcs12Options,
  readPkcs12,
  writePkcs12,
} from "./certificate/pkcs12.ts";
export { printNames, sortNames, type SubjectNames } from "./certificate/subject-names.ts";
export {
  createCsr,
  type CsrDraftOptions,
  type CsrOptions,
  draftCsr,
} from "./issuing/create-csr.ts";
export { type Csr, parseCsr, verifyCsr } from "./issuing/csr.ts";
export { type EncryptionOptions, encryptPrivateKey } from "./keys/encrypted-key.ts";
export { crlDistributionPoint, ocspLocations } from "./certificate/extension-writer.ts";
export {
  type CrlDraftOptions,
  type CrlOptions,
  draftCrl,
  issueCrl,
  type Revoked,
} from "./issuing/issue-crl.ts";
export {
  backdated,
  type Applicant,
  type Authority,
  draftForRequest,
  draftUnderProfile,
  issueUnderProfile,
  signRequest,
} from "./issuing/issue-under-profile.ts";
export { nameConstraints, type NameLimits } from "./issuing/name-constraints-writer.ts";
export { type Profile, profiles, purposeName, type Subject } from "./issuing/profile.ts";
export { publicKeyOf } from "./keys/public-key-of.ts";
export {
  encodePrivateKey,
  parsePrivateKey,
  type PrivateKeyForm,
  type PrivateKeyOptions,
} from "./keys/keys.ts";
export { hostForm } from "./certificate/name-forms.ts";
export {
  matchesName,
  parseIpAddress,
  parseReferenceName,
  type ReferenceName,
} from "./certificate/names.ts";
export { type OidFilter, passesFilter } from "./certificate/oid-filter.ts";
export { extensionName, KeyPurpose } from "./der/oids.ts";
export type { PathLimits } from "./path/path-building.ts";
export type { PathSearch } from "./path/path-search.ts";
export { decodePem, encodePem, type PemBlock } from "./der/pem.ts";
export { decodePublicKey, encodePublicKey, verifierOf } from "./keys/public-key.ts";
export { hasRightSignature, type Signed } from "./certificate/signed.ts";
export {
  compositeAlgorithm,
  type CompositeName,
  compositeNames,
  type CompositeOptions,
  compositeScheme,
} from "./keys/composite.ts";
export {
  createDecapsulator,
  type Decapsulator,
  type LocalDecapsulator,
} from "./keys/decapsulator.ts";
export { createSigner, type LocalSigner, type Signer, type SignOptions } from "./keys/signer.ts";
export { parseSpiffeId, type SpiffeId, spiffeIdOf } from "./certificate/spiffe.ts";
export { createTrustStore, type TrustStore } from "./path/trust.ts";
export { checkMayAuthenticate, type Usage } from "./path/usage.ts";
export {
  draftOcspResponse,
  issueOcspResponse,
  type OcspDraftOptions,
  type OcspOptions,
  type OcspStatement,
} from "./issuing/issue-ocsp.ts";
export {
  type OcspResponse,
  type OcspStatus,
  parseOcspResponse,
  type Responder,
  type SingleResponse,
} from "./revocation/ocsp.ts";
export { type CertId, type CertIdHash, isMeant } from "./revocation/ocsp-cert-id.ts";
export {
  encodeOcspRequest,
  type OcspRequest,
  type OcspRequestOptions,
  parseOcspRequest,
} from "./revocation/ocsp-request.ts";
export {
  type Crl,
  type CrlEntry,
  type CrlReason,
  crlReasons,
  parseCrl,
  parseCrls,
} from "./revocation/crl.ts";
export type { PolicyOptions } from "./path/policy.ts";
export { type RevocationOptions, revocationTable } from "./revocation/revocation.ts";
export {
  delegate,
  delegateAtOnce,
  type DelegatedCredential,
  DelegatedKey,
  type Delegation,
  delegationEnd,
  type DelegationRequest,
  delegationUsage,
  verifyDelegation,
} from "./path/delegated-credential.ts";
export {
  type DelegationInput,
  encodeDelegation,
  importDelegation,
} from "./path/import-delegation.ts";
export { TrustedKey } from "./keys/trusted-key.ts";
