import { noble } from "../crypto/index.ts";
import { MemoryReplayGuard, sealedTickets, TicketKeys } from "../handshake/index.ts";
import { type Experiment, runHandshake } from "./run.ts";

/**
 * The experiment that comes after another: a first handshake leaves a session with the client, and these
 * options resume it, as often as one likes. They give no tickets of their own.
 *
 * @param earlyData what the client sends with its first flight; absent: nothing
 * @throws TlsError if the first handshake fails
 */
export function resumed({ client, server }: Experiment, earlyData?: Uint8Array): Experiment {
  const tickets = sealedTickets(new TicketKeys(server.provider ?? noble), { count: 1 });
  const takesEarlyData = earlyData && {
    earlyData: { maxSize: earlyData.length, replayGuard: new MemoryReplayGuard(server.now) },
  };
  const options = { ...server, ...takesEarlyData };
  const first = runHandshake({ client, server: { ...options, tickets } });
  if (first.error !== undefined) throw first.error;
  const psks = first.client
    .takeEvents()
    .flatMap((event) => (event.type === "session" ? [event.session] : []));
  return {
    client: { ...client, psks, ...(earlyData && { earlyData: "safe-to-replay" }) },
    server: { ...options, tickets: { ...tickets, count: 0 } },
    ...(earlyData && { earlyData }),
  };
}
