export { judgeAgain } from "./admission.ts";
export { Connection, type ConnectionState } from "./connection.ts";
export {
  createClient,
  createServer,
  type OwnClientOptions,
  type OwnServerOptions,
  prepareClient,
  prepareServer,
} from "./create.ts";
export type { ConnectionEvent } from "./events.ts";
export {
  type ClientOptions,
  type CommonOptions,
  defaultGroups,
  defaultVerification,
  type ServerOptions,
} from "./options.ts";
export {
  acceptAnyCertificate,
  type TrustBundles,
  type VerificationOptions,
  verifyAgainst,
  verifyWorkload,
} from "./verification.ts";
