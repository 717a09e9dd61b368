/** The core: it runs in Node, browsers, workers, Deno and Bun. */
export {
  acceptAnyCertificate,
  type ClientOptions,
  type CommonOptions,
  Connection,
  type ConnectionEvent,
  type ConnectionState,
  createClient,
  createServer,
  defaultGroups,
  type ServerOptions,
  verifyAgainst,
} from "./connection/index.ts";
export {
  createNoble,
  type Kem,
  type KemKeyPair,
  InvalidKemInput,
  noble,
  type Provider,
  type RandomSource,
  type Scheme,
  schemes,
  type Suite,
  suites,
} from "./crypto/index.ts";
export {
  defineGroup,
  type Group,
  groups,
  isHybrid,
  isPostQuantum,
  shareSizes,
} from "./groups/index.ts";
export {
  type ConnectionHistory,
  describeFinding,
  type Finding,
  type FindingKind,
  MemoryHistory,
  type PastConnection,
  type Severity,
} from "./detection/index.ts";
export { policies, type Policy, type PolicyName, type PolicyRule } from "./policy/index.ts";
export type {
  Backends,
  Negotiated,
  OfferedPsk,
  PeerIdentity,
  PeerQuestion,
  Psk,
  PskLookup,
  SessionOrigin,
  Tickets,
  VerifyPeer,
} from "./handshake/index.ts";
export {
  type CertificateCompressor,
  type EarlyDataOutcome,
  type ExternalKey,
  importPsk,
  MemoryReplayGuard,
  MemoryTicketStore,
  type ReplayGuard,
  sealedTickets,
  storedTickets,
  TicketKeys,
  type TicketOptions,
  type TicketStore,
} from "./handshake/index.ts";
export {
  type Certificate,
  CertificateCache,
  createCredential,
  createDevelopmentCa,
  createSigner,
  createTrustStore,
  type Credential,
  type DevelopmentCa,
  parseCertificate,
  parseCertificates,
  parsePrivateKey,
  type Signer,
  type TrustStore,
  VerifiedChain,
  verifyChain,
} from "./identity/index.ts";
export { annotateMessage, decodeMessage, encodeMessage, messageType } from "./messages/index.ts";
export {
  defaultLimits,
  type EpochName,
  type Limits,
  type Observer,
  padToMultipleOf,
  type PaddingPolicy,
  type RecordFact,
} from "./record/index.ts";
export { AlertDescription, type AlertName, type ErrorCode, TlsError } from "./registry/index.ts";
export { carry, joinInMemory, joinInMemoryAsync, type PairEvents } from "./transport/pair.ts";
