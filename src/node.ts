/** The Node face: everything of the core, with sockets, servers and agents. */
export * from "./index.ts";
export { createNative, native } from "./crypto/native.ts";
export {
  openToken,
  Token,
  type TokenKey,
  type TokenKeyType,
  type TokenOptions,
} from "./hsm/index.ts";
export {
  certificateCompressors,
  type CheckServerIdentity,
  type ClientContextOptions,
  connect,
  type ConnectOptions,
  createHttpsServer,
  createSecureContext,
  createServer,
  createServerContext,
  type CredentialOptions,
  HttpsAgent,
  type KeyInput,
  type PemOptions,
  type RedisCommands,
  type RedisOptions,
  RedisReplayGuard,
  RedisTicketStore,
  type RotatingTicketOptions,
  rotatingTickets,
  type SecureContext,
  type ServerContextOptions,
  TlsServer,
  type TlsServerOptions,
  TlsSocket,
  type TlsSocketOptions,
} from "./transport/node/index.ts";
