import type { Connection } from "../../connection/index.ts";
import { pump } from "../../connection/pump.ts";
import type { Role } from "../../schedule/index.ts";
import { concat, fromHex, toHex } from "../../wire/index.ts";
import { senderOf, sentIn, type TraceEvent } from "../trace/trace.ts";
import { type Speaker, turnsOf } from "./features.ts";
import type { FlightBytes, HandshakeInputs } from "./format.ts";

/**
 * A whole connection in memory: handshake, what its ends say, and the end.
 * @param established called when both ends have finished, and neither has closed
 * @throws TlsError with which one of them failed
 */
export function converse(
  client: Connection,
  server: Connection,
  { feature, early }: Pick<HandshakeInputs, "feature" | "early">,
  established: () => void = () => {},
): TraceEvent[] {
  const events: TraceEvent[] = [];
  const ends = { client, server };
  const turns = [...turnsOf(feature)];
  let isEstablished = false;
  server.start();
  client.start();
  if (early !== undefined) client.write(fromHex(early));
  pump(ends, {
    tap: (event) => void events.push(event),
    idle() {
      const error = client.error ?? server.error;
      if (error !== undefined) throw error;
      if (!isEstablished) established();
      isEstablished = true;
      const turn = turns.shift();
      if (turn !== undefined) turn.act(speaking(ends[turn.from]));
      return turn !== undefined;
    },
  });
  return events;
}

const speaking = (end: Connection): Speaker => ({
  write: (data) => end.write(data),
  close: () => end.close(),
  updateKeys: () => end.updateKeys(),
  requestCertificate: () => end.requestCertificate(),
});

/** What one end sends until the other sends again, joined. */
export function flightsOf(events: readonly TraceEvent[]): FlightBytes[] {
  const flights: { readonly from: Role; readonly chunks: Uint8Array[] }[] = [];
  for (const event of sentIn(events)) {
    const from = senderOf(event);
    if (event.kind !== "bytes") continue;
    if (flights.at(-1)?.from === from) flights.at(-1)!.chunks.push(event.bytes);
    else flights.push({ from, chunks: [event.bytes] });
  }
  return flights.map(({ from, chunks }) => ({ from, bytes: toHex(concat(...chunks)) }));
}
