import type { Connection, ConnectionEvent } from "../connection/index.ts";
import { concat } from "../wire/index.ts";

/** What happened at each end while bytes were carried. */
export interface PairEvents {
  readonly client: ConnectionEvent[];
  readonly server: ConnectionEvent[];
}

/** Joins two connections in memory: starts them, and carries bytes until neither has any left. */
export function joinInMemory(client: Connection, server: Connection): PairEvents {
  if (server.state === "idle") server.start();
  if (client.state === "idle") client.start();
  return carry(client, server);
}

/** Carries all waiting bytes, in both directions, until there are none. */
export function carry(client: Connection, server: Connection): PairEvents {
  const events: PairEvents = { client: [], server: [] };
  for (;;) {
    const moved = deliver(client, server) + deliver(server, client);
    events.client.push(...client.takeEvents());
    events.server.push(...server.takeEvents());
    if (moved === 0) return events;
  }
}

/** Hands one end's output to the other, in one piece as a network would. Returns the number of chunks. */
function deliver(from: Connection, to: Connection): number {
  const chunks = from.takeOutput();
  if (chunks.length > 0) to.receive(chunks.length === 1 ? chunks[0]! : concat(...chunks));
  return chunks.length;
}

/** As {@link joinInMemory}, for ends that have asynchronous parts: a signer in a token, a remote verifier. */
export async function joinInMemoryAsync(
  client: Connection,
  server: Connection,
): Promise<PairEvents> {
  const events = joinInMemory(client, server);
  while (client.busy || server.busy) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    const more = carry(client, server);
    events.client.push(...more.client);
    events.server.push(...more.server);
  }
  return events;
}
