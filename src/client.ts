/** The client's face for pages: a client, streams, and of cryptography what the web uses today. It runs anywhere. */
export {
  type ClientOptions,
  Connection,
  type ConnectionEvent,
  type ConnectionState,
  defaultGroups,
  type OwnClientOptions,
  type VerificationOptions,
  verifyAgainst,
} from "./connection/index.ts";
export { createClientConnection, prepareClient } from "./connection/slim.ts";
export { type Provider, slim, type Sodium, sodiumProvider } from "./crypto/index.ts";
export { type Finding, MemoryHistory } from "./detection/index.ts";
export type { Negotiated, OfferedPsk, PeerIdentity, VerifyPeer } from "./handshake/index.ts";
export { CertificateCache, createTrustStore, type TrustStore } from "./identity/index.ts";
export { type ErrorCode, type ErrorDetail, TlsError } from "./registry/index.ts";
export {
  type ByteStreams,
  toWebStreams,
  type WebSocketLike,
  type WebSocketStreamOptions,
  webSocketStreams,
  type WebStreamOptions,
  type WebStreams,
} from "./transport/web/index.ts";
