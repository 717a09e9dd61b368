/**
 * One TCP connection as the relay sees it: when each of its packets is to arrive, by the same rules and the same draws
 * as in the model, and the moments that are measured. All of them are moments at the relay, so no two clocks are compared.
 */
import { ContentType } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { Network } from "../network/index.ts";
import { SimulatedLink } from "../network/simulated-link.ts";
import { RecordCutter } from "../trace/cutters.ts";
import type { TcpPacket } from "./packet.ts";

/** What one end sent before the other answered. */
export interface Turn {
  readonly from: Role;
  /** Lengths of its records, headers included. */
  readonly records: readonly number[];
  /** From the last packet before it to its first, ms: the way there and back to the relay, and computing. */
  readonly waited: number;
}

export class Flow {
  /** Packets that were dropped. */
  lost = 0;
  /** Packets in all. */
  packets = 0;
  /** How much later than it was to do so the relay handed on each packet, ms, by who sent it. */
  readonly late: Readonly<Record<Role, number[]>> = { client: [], server: [] };
  readonly #ways: Readonly<Record<Role, SimulatedLink>>;
  readonly #inside = { client: 0, server: 0 };
  readonly #next: Partial<Record<Role, number>> = {};
  readonly #streams = { client: new Stream(), server: new Stream() };
  readonly #isFinished: (client: Stream) => boolean;
  readonly #turns: { from: Role; records: number[]; waited: number }[] = [];
  #began: number | undefined;
  #ended: number | undefined;
  #last = 0;
  #tell: (() => void) | undefined;

  /**
   * @param finishedAfter bytes that the client sends before the record that ends its handshake; default: it is the
   *   client's first record of encrypted data, which is found where nothing is lost
   */
  constructor({ up, down }: Network, seed: number, finishedAfter?: number) {
    this.#ways = { client: new SimulatedLink(up, 0), server: new SimulatedLink(down, 1) };
    this.#ways.client.restart(seed);
    this.#ways.server.restart(seed);
    this.#isFinished =
      finishedAfter === undefined
        ? ({ isEncrypted }) => isEncrypted
        : ({ reach }) => reach > finishedAfter;
  }

  /** Milliseconds from the client's first packet to the one that ends its handshake; undefined: it has not ended. */
  get ms(): number | undefined {
    return this.#began === undefined || this.#ended === undefined
      ? undefined
      : (this.#ended - this.#began) / 1e6;
  }

  get turns(): readonly Turn[] {
    return this.#turns;
  }

  /** Bytes that the client sent before the record that ended its handshake. */
  get before(): number {
    return this.#streams.client.plain;
  }

  /** Resolves when the client's handshake has ended. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended === undefined) this.#tell = resolve;
      else resolve();
    });
  }

  /** @returns when it is to arrive, ns; negative: it is dropped */
  take(from: Role, packet: TcpPacket, now: number): number {
    this.#began ??= now;
    // What comes after the measurement shall not wait
    if (this.#ended !== undefined) return now;
    this.packets++;
    const carriesData = packet.payload.length > 0;
    this.#note(from, packet, now);
    const arrives = this.#ways[from].pass(now, packet.size, carriesData, this.#inside[from], 0);
    if (arrives < 0) this.lost++;
    else this.#inside[from]++;
    return arrives;
  }

  /** A packet that was taken is handed on, so many ns late. */
  arrived(from: Role, late = 0): void {
    this.#inside[from]--;
    if (this.#ended === undefined) this.late[from].push(late / 1e6);
  }

  #note(from: Role, { isSyn, sequence, payload }: TcpPacket, now: number): void {
    if (isSyn) this.#next[from] = (sequence + 1) >>> 0;
    const first = this.#next[from];
    if (payload.length > 0 && first !== undefined) {
      const start = (sequence - first) >>> 0;
      const records = [...this.#streams[from].push(start, payload)];
      const turn = this.#turns.at(-1);
      if (turn?.from === from) turn.records.push(...records);
      else this.#turns.push({ from, records, waited: (now - this.#last) / 1e6 });
      if (from === "client" && this.#isFinished(this.#streams.client)) {
        this.#ended = now;
        this.#tell?.();
      }
      this.#last = now;
    } else if (this.#turns.length === 0) {
      // Before the first data: the handshake of TCP is the client's to wait for
      this.#last = this.#began ?? now;
    }
  }
}

/** What is known of the bytes of one end. Records are cut as long as its packets come in order. */
class Stream {
  /** How far it was sent. */
  reach = 0;
  /** Bytes before the first encrypted record. */
  plain = 0;
  isEncrypted = false;
  readonly #cutter = new RecordCutter();
  #cut = 0;

  /** @returns the lengths of the records that are now whole */
  *push(start: number, payload: Uint8Array): Generator<number> {
    this.reach = Math.max(this.reach, start + payload.length);
    if (start > this.#cut || start + payload.length <= this.#cut) return;
    const fresh = payload.subarray(this.#cut - start);
    this.#cut = start + payload.length;
    for (const record of this.#cutter.push(fresh)) {
      if (record[0] === ContentType.application_data) this.isEncrypted = true;
      if (!this.isEncrypted) this.plain += record.length;
      yield record.length;
    }
  }
}
