import type { Connection } from "../../connection/index.ts";
import { pump } from "../../connection/pump.ts";
import type { Role } from "../../schedule/index.ts";
import { concat, fromHex, toHex } from "../../wire/index.ts";
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
): FlightBytes[] {
  const flights = new Flights();
  const ends = { client, server };
  const turns = [...turnsOf(feature)];
  let isEstablished = false;
  server.start();
  client.start();
  if (early !== undefined) client.write(fromHex(early));
  pump(ends, {
    tap(event) {
      if (event.kind === "bytes" && event.direction === "sent") flights.add(event.end, event.bytes);
    },
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
  return flights.list();
}

const speaking = (end: Connection): Speaker => ({
  write: (data) => end.write(data),
  close: () => end.close(),
  updateKeys: () => end.updateKeys(),
  requestCertificate: () => end.requestCertificate(),
});

/** Joins what one end sends until the other sends again. */
export class Flights {
  readonly #flights: { readonly from: Role; readonly chunks: Uint8Array[] }[] = [];

  add(from: Role, bytes: Uint8Array): void {
    const last = this.#flights.at(-1);
    if (last?.from === from) last.chunks.push(bytes);
    else this.#flights.push({ from, chunks: [bytes] });
  }

  list(): FlightBytes[] {
    return this.#flights.map(({ from, chunks }) => ({ from, bytes: toHex(concat(...chunks)) }));
  }
}
