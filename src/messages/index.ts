export { CertificateRequest } from "./certificate-request.ts";
export { CertificateVerify } from "./certificate-verify.ts";
export { Certificate, CertificateEntry } from "./certificate.ts";
export { ClientHello } from "./client-hello.ts";
export { CompressedCertificate } from "./compressed-certificate.ts";
export { EncryptedExtensions } from "./encrypted-extensions.ts";
export { EndOfEarlyData } from "./end-of-early-data.ts";
export {
  downgradeSentinels,
  type Extension,
  extensionBody,
  type ExtensionContext,
  extensionKey,
  type Extensions,
} from "../extensions/index.ts";
export { extensionBlock } from "./extension-block.ts";
export { Finished } from "./finished.ts";
export { KEMEncapsulation } from "./kem-encapsulation.ts";
export { KeyUpdate } from "./key-update.ts";
export {
  annotateMessage,
  decodeMessage,
  encodeMessage,
  headerLength,
  type Message,
  type MessageBody,
  messageName,
  messages,
  type MessageType,
  messageType,
} from "./message.ts";
export { NewSessionTicket } from "./new-session-ticket.ts";
export { HelloRetryRequest, helloRetryRequestRandom, ServerHello } from "./server-hello.ts";
