/** Clients whose provider is `slim` where the options name none: what pulls in all of `noble` is elsewhere. */
import { slim } from "../crypto/index.ts";
import type { Connection } from "./connection.ts";
import { createClientBy, prepareClientBy } from "./create.ts";
import type { ClientOptions, OwnClientOptions } from "./options.ts";

/** A client's end of a connection. Call `start()` to begin. Its provider is `slim` where the options name none. */
export const createClientConnection = (options: ClientOptions): Connection =>
  createClientBy(slim, options);

/**
 * Reads and checks options once, for any number of connections. Their provider is `slim` where the options name none.
 * @throws RangeError or TypeError for options that cannot work
 */
export const prepareClient = (options: ClientOptions): ((own?: OwnClientOptions) => Connection) =>
  prepareClientBy(slim, options);
