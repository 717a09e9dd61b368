export { Connection, type ConnectionState } from "./connection.ts";
export { createClient, createServer } from "./create.ts";
export type { ConnectionEvent } from "./events.ts";
export {
  acceptAnyCertificate,
  type ClientOptions,
  type CommonOptions,
  defaultGroups,
  type ServerOptions,
  verifyAgainst,
} from "./options.ts";
