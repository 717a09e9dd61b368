/** Two ends of a connection with what every test needs, so that each says only what is special. */
import {
  type ClientOptions,
  type Connection,
  createClientConnection,
  createServerConnection,
  type ServerOptions,
} from "../../src/connection/index.ts";
import { native } from "../../src/crypto/native.ts";
import { joinInMemory, type PairEvents } from "../../src/connection/pair.ts";
import { serverCredential, serverName, testTime, trust } from "./identities.ts";

/** The fastest back end that is there, for tests that do not concern it. */
export const anyProvider = native;

const common = {
  provider: anyProvider,
  suites: ["TLS_AES_128_GCM_SHA256"],
  groups: ["x25519"],
  trust,
  now: () => testTime,
};

export const clientOptions = (special: Partial<ClientOptions> = {}): ClientOptions => ({
  ...common,
  serverName,
  ...special,
});

export const serverOptions = (special: Partial<ServerOptions> = {}): ServerOptions => ({
  ...common,
  credentials: [serverCredential],
  ...special,
});

export interface Ends {
  readonly client: Connection;
  readonly server: Connection;
}

export const makeEnds = (
  client: Partial<ClientOptions> = {},
  server: Partial<ServerOptions> = {},
): Ends => ({
  client: createClientConnection(clientOptions(client)),
  server: createServerConnection(serverOptions(server)),
});

/** Both ends after all that they had to say to each other. */
export function connect(
  client: Partial<ClientOptions> = {},
  server: Partial<ServerOptions> = {},
): Ends & { readonly events: PairEvents } {
  const ends = makeEnds(client, server);
  return { ...ends, events: joinInMemory(ends.client, ends.server) };
}
