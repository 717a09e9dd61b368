import type { Connection } from "../../connection/index.ts";
import { pump } from "../../connection/pump.ts";
import type { Role } from "../../schedule/index.ts";
import { concat, toHex } from "../../wire/index.ts";
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
  const flights = new Flights();
  const acts = [...lastWords(client, "client"), ...lastWords(server, "server")];
  let isEstablished = false;
  server.start();
  client.start();
  pump(
    { client, server },
    {
      tap(event) {
        if (event.kind === "bytes" && event.direction === "sent")
          flights.add(event.end, event.bytes);
      },
      idle() {
        const error = client.error ?? server.error;
        if (error !== undefined) throw error;
        if (!isEstablished) established();
        isEstablished = true;
        const act = acts.shift();
        act?.();
        return act !== undefined;
      },
    },
  );
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

  add(from: Role, bytes: Uint8Array): void {
    const last = this.#flights.at(-1);
    if (last?.from === from) last.chunks.push(bytes);
    else this.#flights.push({ from, chunks: [bytes] });
  }

  list(): FlightBytes[] {
    return this.#flights.map(({ from, chunks }) => ({ from, bytes: toHex(concat(...chunks)) }));
  }
}
