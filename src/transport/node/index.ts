export { certificateCompressors } from "./compression.ts";
export type { WriteCallback } from "./outgoing.ts";
export { connect, type ConnectOptions } from "./connect.ts";
export type { ClientContextOptions, PemOptions, ServerContextOptions } from "./context-options.ts";
export { createSecureContext, createServerContext, type SecureContext } from "./context.ts";
export type { CredentialOptions, KeyInput, PfxInput } from "./credentials.ts";
export type { CheckServerIdentity } from "./identity-check.ts";
export { cameEarly } from "./early-requests.ts";
export { HttpsAgent, type HttpsAgentOptions } from "./https-agent.ts";
export { createHttpsServer, HttpsServer, type HttpsServerOptions } from "./https-server.ts";
export {
  createHttp2Server,
  type Http2Server,
  type Http2ServerOptions,
  type NegotiatedSession,
} from "./http2.ts";
export { type RotatingTicketOptions, rotatingTickets } from "./tickets.ts";
export type { RedisCommands, RedisOptions } from "./redis.ts";
export { RedisReplayGuard } from "./redis-replay-guard.ts";
export { RedisTicketStore } from "./redis-ticket-store.ts";
export { createServer, TlsServer, type TlsServerOptions } from "./server.ts";
export type { EphemeralKeyInfo, NegotiatedSocket } from "./negotiated-socket.ts";
export { type SocketError, tlsErrorOf, TlsSocketError } from "./socket-error.ts";
export { getCACertificates, type RootCertificates } from "./root-certificates.ts";
export type { SniCallback } from "./sni.ts";
export type { SocketLike, Transport } from "./socket-like.ts";
export type {
  EventName,
  ListenerFor,
  OtherListener,
  TlsServerEvents,
  TlsSocketEvents,
} from "./socket-events.ts";
export { TlsSocket } from "./socket.ts";
export type { ServerSocketOptions } from "./wire-up.ts";
export type { JudgeAgainOptions, TlsSocketOptions, Wiring } from "./wiring.ts";
