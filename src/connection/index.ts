export { judgeAgain, judgementTable, type JudgementOptions } from "./admission.ts";
export { Connection, type ConnectionState } from "./connection.ts";
export {
  createClientConnection,
  createServerConnection,
  defaultVerification,
  prepareClient,
  prepareServer,
} from "./create.ts";
export type { ConnectionEvent } from "./events.ts";
export { defaultGroups } from "./config.ts";
export {
  clientTable,
  earlyDataTable,
  ownClientTable,
  serverTable,
  session,
} from "./option-table.ts";
export type { ServerIdentity, StoredKey } from "../handshake/index.ts";
export type {
  AuthKemOptions,
  ClientAuthKemOptions,
  ClientContinuityOptions,
  ClientOptions,
  CommonOptions,
  OwnClientOptions,
  OwnServerOptions,
  ServerContinuityOptions,
  ServerOptions,
} from "./options.ts";
export {
  acceptAnyCertificate,
  type TrustBundles,
  type VerificationOptions,
  verifyAgainst,
  verifyWorkload,
} from "./verification.ts";
