/**
 * Traces as captures that Wireshark reads and decrypts.
 *
 * A capture is what was seen at one place. A trace in which somebody changed things on the way becomes two connections,
 * one as the client saw it and one as the server did; an honest one is one. Addresses and ports are made up, TCP is
 * written around the bytes, and a key log stands before what it opens. Packets are in the order in which things
 * happened. Views and traces follow one another: two of them may have different secrets under one client random, and
 * a reader takes those that it read last.
 */
import * as check from "../../registry/check.ts";
import { otherRole, type Role } from "../../schedule/index.ts";
import { concatAll } from "../../wire/index.ts";
import { senderOf, type Trace, type TraceEvent } from "../trace/trace.ts";
import { viewsOf } from "../trace/views.ts";
import {
  decryptionSecrets,
  enhancedPacket,
  interfaceDescription,
  sectionHeader,
} from "./pcapng.ts";
import { type Endpoint, TcpFlag, tcpPacket } from "./tcp-packet.ts";

/** How a capture is written. */
export interface CaptureOptions {
  /** Time 0 of the traces, in milliseconds since the epoch. Default: 1 January 2026, 00:00 UTC. */
  readonly began?: number;
  /**
   * `traced`, which is the default: times as they stand in the trace. `counted`: a millisecond from each event to the
   * next, so that the same bytes give the same file.
   */
  readonly clock?: "traced" | "counted";
  /** Bytes of data in a TCP segment. Default: 1448, that of Ethernet with TCP timestamps. */
  readonly maximumSegmentSize?: number;
}

const optionTable = {
  began: check.number(0, 8.64e15, " milliseconds since the epoch"),
  clock: check.oneOf("traced", "counted"),
  maximumSegmentSize: check.whole(1, 0xffff - 40, " bytes"),
} satisfies check.OptionTable<CaptureOptions>;

/**
 * The traces of connections as one pcapng file, with the secrets that their key logs hold.
 * @throws TypeError or RangeError for options that cannot be
 */
export function captureOf(traces: readonly Trace[], options: CaptureOptions = {}): Uint8Array {
  check.checkOptions("captureOf", options, optionTable);
  const { clock, ...rest } = options;
  const chunks: Uint8Array[] = [];
  const writer = new CaptureWriter((bytes) => chunks.push(bytes), rest);
  for (const trace of traces) writer.trace(trace, clock);
  return concatAll(chunks);
}

/** A segment, with offsets in its end's stream where TCP has numbers. */
export interface StreamSegment {
  readonly from: Role;
  /** Bits of {@link TcpFlag}. */
  readonly flags: number;
  /** Where its payload begins in what its end sends. */
  readonly start: number;
  /** Bytes of the other end that it acknowledges. */
  readonly acknowledges: number;
  readonly payload: Uint8Array;
}

/** Writes a capture while connections run. */
export class CaptureWriter {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #began: number;
  readonly #segmentSize: number;
  readonly #places: string[] = [];
  #connections = 0;
  /** When the last trace was over. */
  #over = -1;

  /** @param write takes the file's bytes, in order */
  constructor(write: (bytes: Uint8Array) => void, options: Omit<CaptureOptions, "clock"> = {}) {
    this.#write = write;
    this.#began = options.began ?? Date.UTC(2026, 0, 1);
    this.#segmentSize = options.maximumSegmentSize ?? 1448;
    write(sectionHeader("kemistry"));
  }

  /** All of a trace, behind those before it. */
  trace(trace: Trace, clock: CaptureOptions["clock"] = "traced"): void {
    const began = this.#over + 1;
    for (const view of viewsOf(trace)) {
      const connection = this.open(view.place);
      connection.keyLog(...new Set(view.keyLog.map(({ line }) => line)));
      for (const [index, event] of view.events.entries()) {
        const at = began + (clock === "counted" ? index : event.at);
        connection.event(event, at);
        this.#over = Math.max(this.#over, at);
      }
    }
    this.#over = Math.max(this.#over, began);
  }

  /** A connection, with addresses of its own. @param place where it is seen: the name of an interface */
  open(place: string): WrittenConnection {
    if (!this.#places.includes(place)) {
      this.#places.push(place);
      this.#write(interfaceDescription(rawIp, place));
    }
    const number = this.#connections++;
    return new WrittenConnection({
      write: this.#write,
      began: this.#began,
      segmentSize: this.#segmentSize,
      place: this.#places.indexOf(place),
      ends: {
        // RFC 5737, and the ports that RFC 6335 §6 leaves to anybody
        client: { address: "192.0.2.1", port: 49_152 + (number % 16_384) },
        server: { address: "198.51.100.1", port: 443 },
      },
    });
  }
}

/** Link type of packets that begin with their IP header. */
const rawIp = 101;

interface ConnectionTerms {
  readonly write: (bytes: Uint8Array) => void;
  readonly began: number;
  readonly segmentSize: number;
  readonly place: number;
  readonly ends: Readonly<Record<Role, Endpoint>>;
}

/** Sequence number of each end's SYN: any would do. */
const initial: Readonly<Record<Role, number>> = { client: 1000, server: 5000 };

export class WrittenConnection {
  readonly #terms: ConnectionTerms;
  readonly #sent: Record<Role, number> = { client: 0, server: 0 };
  #isOpen = false;

  constructor(terms: ConnectionTerms) {
    this.#terms = terms;
  }

  /** Lines without their ends; before the bytes that they open. */
  keyLog(...lines: readonly string[]): void {
    if (lines.length > 0) this.#terms.write(decryptionSecrets(lines));
  }

  /** What passed a tap. @param at milliseconds since the capture began */
  event(event: TraceEvent, at: number = event.at): void {
    const from = senderOf(event);
    this.#open(at);
    if (event.kind === "gap") {
      this.#sent[from] += event.bytes ?? 1;
      return;
    }
    const acknowledges = this.#sent[otherRole(from)];
    const next = { from, acknowledges };
    if (event.kind === "end") {
      const flags = TcpFlag.fin | TcpFlag.acknowledge;
      this.segment({ ...next, flags, start: this.#sent[from]++, payload: nothing }, at);
      return;
    }
    const { segmentSize } = this.#terms;
    for (let start = 0; start < event.bytes.length; start += segmentSize) {
      const payload = event.bytes.subarray(start, start + segmentSize);
      const isLast = start + segmentSize >= event.bytes.length;
      const flags = TcpFlag.acknowledge | (isLast ? TcpFlag.push : 0);
      this.segment({ ...next, flags, start: this.#sent[from], payload }, at);
      this.#sent[from] += payload.length;
    }
  }

  /** One segment as it is, without a check. */
  segment({ from, flags, start, acknowledges, payload }: StreamSegment, at: number): void {
    const { write, began, place, ends } = this.#terms;
    const to = otherRole(from);
    const isSyn = (flags & TcpFlag.syn) !== 0;
    const packet = tcpPacket({
      from: ends[from],
      to: ends[to],
      sequence: initial[from] + (isSyn ? 0 : 1 + start),
      acknowledgement: initial[to] + 1 + acknowledges,
      flags,
      payload,
    });
    write(enhancedPacket(place, BigInt(Math.round(began)) * 1_000_000n + nanoseconds(at), packet));
  }

  /** TCP's own three segments (RFC 9293 §3.5). */
  #open(at: number): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const empty = { start: 0, acknowledges: 0, payload: nothing };
    const { syn, acknowledge } = TcpFlag;
    this.segment({ ...empty, from: "client", flags: syn }, at);
    this.segment({ ...empty, from: "server", flags: syn | acknowledge }, at);
    this.segment({ ...empty, from: "client", flags: acknowledge }, at);
  }
}

const nothing = new Uint8Array(0);
const nanoseconds = (milliseconds: number): bigint => BigInt(Math.round(milliseconds * 1e6));
