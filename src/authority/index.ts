/** Authorities in a directory on disk: what they issued, renewed, revoked and published. */
export { announce, authorityOf, checkFree, chooseAuthority, chooseProfile } from "./authority.ts";
export { entryOf, type Issued, PkiDirectory } from "./directory.ts";
export { parseDuration, printDuration } from "./duration.ts";
export { AuthorityError, type AuthorityErrorCode } from "./errors.ts";
export { writeWhole } from "./files.ts";
export { type Entry, isReason } from "./journal.ts";
export { generateKeyPair, type KeyPair, keyToPem } from "./keys.ts";
export { issueRoot, lifetimeOf, standardKey, standardLifetime } from "./root.ts";
export { firstSettings, type Settings } from "./settings.ts";
