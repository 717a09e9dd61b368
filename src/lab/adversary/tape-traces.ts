/** What travelled in an attack, as a trace of each of its connections. */
import type { Role } from "../../schedule/index.ts";
import type { KeyLogLine, Trace, TraceEvent } from "../trace/trace.ts";
import type { Transfer } from "./conversation.ts";

interface Begun {
  readonly events: TraceEvent[];
  readonly keyLog: KeyLogLine[];
}

/** Collects what onlookers are told. Times count the transfers of all connections. */
export class TraceCollector {
  readonly #connections: Begun[] = [];
  readonly #ofAny: KeyLogLine[] = [];
  #transfers = 0;

  transfer({ connection, from, to, bytes }: Transfer, at = this.#transfers): void {
    this.#transfers++;
    const passed = { at, kind: "bytes", bytes: bytes.slice() } as const;
    const { events } = this.#at(connection);
    if (from !== "adversary") events.push({ ...passed, end: from, direction: "sent" });
    else if (to !== "adversary") events.push({ ...passed, end: to, direction: "received" });
  }

  /** @param connection absent on a tape, which does not say it: of the one before it, or of any */
  secret(end: Role, line: string, connection?: number): void {
    if (connection === undefined) this.#ofAny.push({ end, line });
    this.#at(connection ?? Math.max(0, this.#connections.length - 1)).keyLog.push({ end, line });
  }

  /** In the order of the connections. Of secrets that differ under one name the last counts: its own. */
  get traces(): Trace[] {
    return this.#connections.map(({ events, keyLog }) => ({
      events,
      keyLog: [...this.#ofAny, ...keyLog],
    }));
  }

  #at(connection: number): Begun {
    while (this.#connections.length <= connection) {
      this.#connections.push({ events: [], keyLog: [] });
    }
    return this.#connections[connection]!;
  }
}
