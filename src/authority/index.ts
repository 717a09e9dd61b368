/** Authorities in a directory on disk: what they issued, renewed, revoked and published. */
export type { Terms } from "./certify.ts";
export {
  bundleOf,
  bundleOfDirectory,
  type BundleOptions,
  parseBundle,
  type TrustBundle,
} from "./bundle.ts";
export { check, type Finding } from "./check.ts";
export { chooseAuthority, chooseProfile, isName } from "./choose.ts";
export { type ChangeOptions, type Issued, PkiDirectory, type WaitOption } from "./directory.ts";
export { parseDuration, printDuration } from "./duration.ts";
export { crossSign, type CrossSignOptions } from "./cross-sign.ts";
export { admitByToken, admitKey, enrol, isAdmitted, renewRegistered } from "./enrolment.ts";
export { AuthorityError, type AuthorityErrorCode } from "./errors.ts";
export { secretMode, writeWhole } from "./files.ts";
export { journalFile } from "./folder.ts";
export {
  certifyRequest,
  issue,
  issueRoot,
  type IssueOptions,
  renew,
  type RenewOptions,
  type CertifyRequestOptions,
  type IssueRootOptions,
} from "./issue.ts";
export { audit, type Audit, type Head } from "./journal.ts";
export { generateKeyPair, type KeyFile, type KeyPair, keyHash, keyToPem } from "./keys.ts";
export {
  type Admission,
  type Audited,
  isReason,
  type Issuing,
  type Line,
  type Registered,
  type Succession,
} from "./lines.ts";
export { standardWait } from "./lock.ts";
export { type PublishListOptions, type PublishedList, publishList } from "./lists.ts";
export {
  type AdmissionState,
  counts,
  crossProfile,
  type Entry,
  type Numbering,
  type Records,
  type Revocation,
} from "./records.ts";
export { type KeyStore, writePkcs12 } from "../identity/index.ts";
export { readPkcs12 } from "./pkcs12.ts";
export type { EncryptionOptions } from "../identity/index.ts";
export { answer, askAbout, askedIn, type Question } from "./responses.ts";
export { cutJournal, prune } from "./prune.ts";
export {
  graceOf,
  onlyIssuer,
  register,
  type RegisterOptions,
  reservedPath,
  unregister,
} from "./registration.ts";
export { certifyService } from "./service.ts";
export {
  approveRequest,
  isWaiting,
  keepRequest,
  type PendingRequest,
  pendingRequests,
  refuseRequest,
  type RequestLimits,
} from "./requests.ts";
export { revoke, revokeSuperseded, type RevokeSupersededOptions, type Target } from "./revoke.ts";
export { type RollRootOptions, rollRoot, trustedRoots } from "./roll.ts";
export { standardKey, standardLifetime } from "./root.ts";
export type { KeyPlace, RemoteKey, RemoteKeys, Signing } from "./signing.ts";
export { firstSettings, type Settings } from "./settings.ts";
