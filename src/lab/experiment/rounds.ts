/** How many round trips a handshake takes where nothing is lost and nothing waits: slow start, counted by hand. */
import type { Role } from "../../schedule/index.ts";

/** What one end sends before it must wait, in bytes on the wire. */
export interface FlightSize {
  /** Who sends it. */
  readonly from: Role;
  /** On the wire, record headers included. */
  readonly bytes: number;
  /** Handshake messages in it, by name. */
  readonly messages: Readonly<Record<string, number>>;
}

/** Rounds in which a flight leaves: windows of n, 2n, 4n segments and so on (RFC 5681 §3.1). */
export function roundsOf(bytes: number, initialWindow: number, mss: number): number {
  let rounds = 0;
  for (let window = initialWindow * mss, sent = 0; sent < bytes; window *= 2, rounds++)
    sent += window;
  return rounds;
}

/**
 * From the client's first packet until it has the server's last flight: one for the connection, then as many for each
 * flight as its windows need. A flight's own way takes half a round, and so does the answer's.
 */
export function handshakeRounds(
  flights: readonly FlightSize[],
  windows: { readonly client: number; readonly server: number },
  mss: number,
): number {
  // What the client sends last nobody answers
  const last = flights.findLastIndex(({ from }) => from === "server");
  const answered = flights.slice(0, last + 1);
  const extra = answered.reduce(
    (sum, { from, bytes }) => sum + roundsOf(bytes, windows[from], mss) - 1,
    0,
  );
  return 1 + answered.length / 2 + extra;
}
