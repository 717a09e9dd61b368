export * from "./declared.ts";
export { type Extension, type ExtensionContext } from "./extension.ts";
export { illegal, missing } from "./illegal.ts";
export {
  extensionBody,
  extensionKey,
  extensionNamed,
  extensionOfType,
  type Extensions,
  numericKey,
  sayings,
} from "./table.ts";
export {
  checkOwn,
  checkPlaceOfOwn,
  heardOwn,
  keyOf,
  offerOwn,
  answerOwn,
  type OwnExtension,
  ownExtensions,
} from "./own.ts";
export {
  continuityKey,
  continuitySection,
  defaultContinuityType,
  isContinuityOffered,
  promiseOf,
  readPromise,
} from "./pq-cert-available.ts";
export { checkSolicited, isSolicited, unsolicited } from "./solicited.ts";
