/** Clients whose provider is `slim` where the options name none, without AuthKEM: what pulls in more is elsewhere. */
import { slim } from "../crypto/index.ts";
import type { Connection } from "./connection.ts";
import { type ClientParts, createClientBy, prepareClientBy } from "./create.ts";
import type { ClientOptions, OwnClientOptions } from "./options.ts";

const parts: ClientParts = { provider: slim };

/**
 * A client's end of a connection. Call `start()` to begin. Its provider is `slim` where the options name none.
 * @throws RangeError or TypeError for options that cannot work, and for `authKem`, which `kemistry` has
 */
export const createClientConnection = (options: ClientOptions): Connection =>
  createClientBy(parts, options);

/**
 * Reads and checks options once, for any number of connections. Their provider is `slim` where the options name none.
 * @throws RangeError or TypeError for options that cannot work, and for `authKem`, which `kemistry` has
 */
export const prepareClient = (options: ClientOptions): ((own?: OwnClientOptions) => Connection) =>
  prepareClientBy(parts, options);
