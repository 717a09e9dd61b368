/** A port that stands before a server: every connection to it is carried on, and everything that passes is kept. */
import { once } from "node:events";
import * as net from "node:net";
import { type Medium, pumpAsync } from "../connection/pump.ts";
import type { TraceEvent } from "../lab/trace/trace.ts";
import { SocketEnd } from "../peers/socket-end.ts";
import type { Role } from "../schedule/index.ts";

/** A medium that may have something to carry when both ends have fallen silent. */
export interface Carrier {
  readonly medium: Medium;
  /** Everything was delivered. */
  settled?(): Promise<void>;
  /** What it was to do and could not. */
  readonly unapplied?: readonly string[];
}

/** One connection that was carried. */
export class TappedConnection {
  readonly events: TraceEvent[] = [];
  readonly carrier: Carrier | undefined;
  /** Both streams have ended. */
  isOver = false;
  /** When something passed, by the clock of this process. */
  lastEvent = 0;
  /** Why it was not carried to its end. */
  failure: string | undefined;
  readonly #sockets: readonly net.Socket[];

  constructor(client: net.Socket, server: net.Socket, carrier: Carrier | undefined) {
    this.carrier = carrier;
    this.#sockets = [client, server];
    void this.#carry(new TappedEnd(client), new TappedEnd(server));
  }

  /** Bytes that an end has sent. */
  sentBy(role: Role): number {
    return this.events.reduce(
      (sum, event) =>
        event.end === role && event.direction === "sent" && event.kind === "bytes"
          ? sum + event.bytes.length
          : sum,
      0,
    );
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #carry(client: SocketEnd, server: SocketEnd): Promise<void> {
    try {
      await pumpAsync(
        { client, server },
        {
          ...(this.carrier && { medium: this.carrier.medium }),
          tap: (event) => {
            this.events.push(event);
            this.lastEvent = performance.now();
          },
          rounds: 10_000_000,
        },
      );
      await this.carrier?.settled?.();
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      this.close();
    }
    this.isOver = true;
  }
}

export interface Tap {
  readonly port: number;
  readonly connections: readonly TappedConnection[];
  close(): void;
}

/** @param carrierFor what stands between the ends of the nth connection, from 0 */
export async function startTap(
  to: number,
  carrierFor: (nth: number) => Carrier | undefined,
): Promise<Tap> {
  const connections: TappedConnection[] = [];
  const listener = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = net.connect({
      port: to,
      host: "127.0.0.1",
      allowHalfOpen: true,
      noDelay: true,
    });
    const carrier = carrierFor(connections.length);
    connections.push(new TappedConnection(client, server, carrier));
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as net.AddressInfo).port,
    connections,
    close() {
      listener.close();
      for (const connection of connections) connection.close();
    },
  };
}

/**
 * What is to be written at one moment goes in one segment: an end that closes behind the first of several would answer
 * the next with a reset, and the reset would take along the alert that it sent.
 */
class TappedEnd extends SocketEnd {
  override receive(bytes: Uint8Array): void {
    if (this.socket.writable && this.socket.writableCorked === 0) {
      this.socket.cork();
      process.nextTick(() => this.socket.uncork());
    }
    super.receive(bytes);
  }
}
