import type { Connection } from "./connection.ts";
import type { ConnectionEvent } from "./events.ts";
import { pump, pumpAsync } from "./pump.ts";

/** What happened at each end while bytes were carried. */
export interface PairEvents {
  /** The client's events, in order. */
  readonly client: ConnectionEvent[];
  /** The server's events, in order. */
  readonly server: ConnectionEvent[];
}

/** Joins two connections in memory: starts them, and carries bytes until neither has any left. */
export function joinInMemory(client: Connection, server: Connection): PairEvents {
  start(client, server);
  return carry(client, server);
}

/** Carries all waiting bytes, in both directions, until there are none. */
export function carry(client: Connection, server: Connection): PairEvents {
  pump({ client, server });
  return { client: client.takeEvents(), server: server.takeEvents() };
}

/** As {@link joinInMemory}, for ends that have asynchronous parts: a signer in a token, a remote verifier. */
export async function joinInMemoryAsync(
  client: Connection,
  server: Connection,
): Promise<PairEvents> {
  start(client, server);
  await pumpAsync({ client, server });
  return { client: client.takeEvents(), server: server.takeEvents() };
}

function start(client: Connection, server: Connection): void {
  if (server.state === "idle") server.start();
  if (client.state === "idle") client.start();
}
