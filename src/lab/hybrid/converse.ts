import type { Connection } from "../../connection/index.ts";
import { concat, toHex } from "../../wire/index.ts";
import type { Role } from "../trace/watch.ts";
import { applicationData } from "./end.ts";
import type { FlightBytes } from "./format.ts";

/**
 * A whole connection in memory: handshake, data of the client, data of the server, and the end.
 * @param established called when both ends have finished, and neither has closed
 * @throws TlsError with which one of them failed
 */
export function converse(
  client: Connection,
  server: Connection,
  established: () => void = () => {},
): FlightBytes[] {
  const ends: Record<Role, Connection> = { client, server };
  const flights = new Flights();
  const carry = (from: Role, to: Role): boolean => {
    const chunks = ends[from].takeOutput();
    flights.add(from, chunks);
    for (const chunk of chunks) ends[to].receive(chunk);
    const error = ends[from].error ?? ends[to].error;
    if (error !== undefined) throw error;
    return chunks.length > 0;
  };
  const settle = (): void => {
    for (let moved = true; moved;) {
      moved = carry("client", "server");
      moved = carry("server", "client") || moved;
    }
  };
  server.start();
  client.start();
  settle();
  established();
  for (const act of lastWords(client, "client")) {
    act();
    settle();
  }
  for (const act of lastWords(server, "server")) {
    act();
    settle();
  }
  return flights.list();
}

/** What an end does once the handshake is over. */
export const lastWords = (
  end: { write(data: Uint8Array): void; close(): void },
  role: Role,
): (() => void)[] => [() => end.write(applicationData[role]), () => end.close()];

/** Joins what one end sends until the other sends again. */
export class Flights {
  readonly #flights: { readonly from: Role; readonly chunks: Uint8Array[] }[] = [];

  add(from: Role, chunks: readonly Uint8Array[]): void {
    if (chunks.length === 0) return;
    const last = this.#flights.at(-1);
    if (last?.from === from) last.chunks.push(...chunks);
    else this.#flights.push({ from, chunks: [...chunks] });
  }

  list(): FlightBytes[] {
    return this.#flights.map(({ from, chunks }) => ({ from, bytes: toHex(concat(...chunks)) }));
  }
}
