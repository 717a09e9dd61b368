export { clientAfterHandshake } from "./client/after-handshake.ts";
export { clientHandshake } from "./client/handshake.ts";
export { type ClientAuthKem, clientAuthKem } from "./authkem/client-steps.ts";
export type {
  ClientConfig,
  CommonConfig,
  EarlyDataPolicy,
  Preference,
  RetryPolicy,
  ServerConfig,
  ServerIdentity,
  StoredKey,
} from "./config.ts";
export {
  type ClientContinuity,
  type Commitment,
  type ContinuityCache,
  MemoryContinuityCache,
  type ServerContinuity,
} from "./continuity.ts";
export { expect, type Handshake, settle, type Wait } from "./coroutine.ts";
export type { Backends, EarlyDataOutcome, Established, Negotiated } from "./established.ts";
export { LaterRequests } from "./server/later-requests.ts";
export {
  isThenable,
  isVouchedFor,
  type PeerIdentity,
  type PeerQuestion,
  vouchedChain,
  voucherOf,
  type VerifyPeer,
} from "../schedule/index.ts";
export type { CertificateCompressor } from "./authentication/compressor.ts";
export { type ExternalKey, importPsk } from "./import-psk.ts";
export type {
  EarlyDataUse,
  OfferedPsk,
  Psk,
  PskLookup,
  ReplayGuard,
  SessionOrigin,
  Tickets,
} from "./psk.ts";
export {
  deserializePsk,
  MemoryReplayGuard,
  MemoryTicketStore,
  sealedTickets,
  serializePsk,
  storedTickets,
  TicketKeys,
  type TicketOptions,
  ticketTable,
  type TicketStore,
} from "./tickets/index.ts";
export { serverAfterHandshake } from "./server/after-handshake.ts";
export { serverHandshake } from "./server/handshake.ts";
