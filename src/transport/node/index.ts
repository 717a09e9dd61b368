export { certificateCompressors } from "./compression.ts";
export { connect, type ConnectOptions } from "./connect.ts";
export {
  type ClientContextOptions,
  createSecureContext,
  createServerContext,
  type PemOptions,
  type SecureContext,
  type ServerContextOptions,
} from "./context.ts";
export { createHttpsServer, HttpsAgent } from "./https.ts";
export { type RotatingTicketOptions, rotatingTickets } from "./tickets.ts";
export type { RedisCommands, RedisOptions } from "./redis.ts";
export { RedisReplayGuard } from "./redis-replay-guard.ts";
export { RedisTicketStore } from "./redis-ticket-store.ts";
export { createServer, TlsServer, type TlsServerOptions } from "./server.ts";
export { TlsSocket, type TlsSocketOptions, type Wiring } from "./socket.ts";
