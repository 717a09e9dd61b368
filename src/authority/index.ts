/** Authorities in a directory on disk: what they issued, renewed, revoked and published. */
export type { Terms } from "./certify.ts";
export { check, type Finding } from "./check.ts";
export { chooseAuthority, chooseProfile } from "./choose.ts";
export { PkiDirectory, type WaitOption } from "./directory.ts";
export { parseDuration, printDuration } from "./duration.ts";
export { AuthorityError, type AuthorityErrorCode } from "./errors.ts";
export { secretMode, writeWhole } from "./files.ts";
export {
  certifyRequest,
  issue,
  issueRoot,
  type IssueWish,
  renew,
  type RenewalWish,
  type RequestWish,
  type RootWish,
} from "./issue.ts";
export { isReason, type Issuing, type Line } from "./journal.ts";
export { generateKeyPair, type KeyFile, type KeyPair, keyToPem } from "./keys.ts";
export { standardWait } from "./lock.ts";
export { type ListWish, type PublishedList, publishList } from "./lists.ts";
export { counts, type Entry, type Revocation } from "./records.ts";
export { answer, askAbout, askedIn, type Question } from "./responses.ts";
export { revoke, type Target } from "./revoke.ts";
export { standardKey, standardLifetime } from "./root.ts";
export type { KeyPlace, Signing } from "./signing.ts";
export { firstSettings, type Settings } from "./settings.ts";
