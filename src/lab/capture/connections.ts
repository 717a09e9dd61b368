/**
 * The TCP connections in a capture, told apart by addresses and ports. Which end is the client is known from its SYN;
 * where that was not captured, from what is said: a ClientHello or a ServerHello; else the server has the lower port.
 */
import { HandshakeType, ContentType } from "../../registry/index.ts";
import { otherRole, type Role } from "../../schedule/index.ts";
import type { TraceEvent } from "../trace/trace.ts";
import { addressText, type CapturedSegment } from "./ip.ts";
import { TcpStream } from "./stream.ts";
import { type Endpoint, TcpFlag } from "./tcp-packet.ts";

/** A connection that carried bytes. */
export interface CapturedConnection {
  /** Who sent the SYN, or as it seems the ClientHello. */
  readonly client: Endpoint;
  /** The other end. */
  readonly server: Endpoint;
  /** Of its first packet, in milliseconds since the epoch. */
  readonly began: number;
  /** Its SYN was captured, so that its bytes are there from the first. */
  readonly fromTheStart: boolean;
}

/** Is told what a connection carried. */
export interface ConnectionSink {
  event(event: TraceEvent): void;
  /** It is over, or the capture is. */
  finish(): void;
}

/** Connections that are told apart at a time. */
const maxConnections = 65_536;

/** Which of two ends: who was seen first, or the other. */
type Side = 0 | 1;

export class Connections {
  readonly #found: (connection: CapturedConnection) => ConnectionSink;
  readonly #known = new Map<string, Connection>();
  /** Keys of those that are over, and make room for others. */
  readonly #over = new Set<string>();
  /** Segments of connections that were one too many. */
  leftOut = 0;

  /** @param found is asked for a sink with the first bytes of a connection */
  constructor(found: (connection: CapturedConnection) => ConnectionSink) {
    this.#found = found;
  }

  /** @param at milliseconds since the epoch */
  segment(segment: CapturedSegment, at: number): void {
    const [from, to] = [
      keyOf(segment.source, segment.sourcePort),
      keyOf(segment.destination, segment.destinationPort),
    ];
    const isSyn = (segment.flags & TcpFlag.syn) !== 0;
    let connection = this.#known.get(`${from} ${to}`) ?? this.#known.get(`${to} ${from}`);
    let side: Side = connection === undefined || connection.first === from ? 0 : 1;
    const isFirst = isSyn && (segment.flags & TcpFlag.acknowledge) === 0;
    if (connection !== undefined && isFirst && connection.isOther(side, segment.sequence)) {
      connection.finish();
      this.#forget(connection.key);
      connection = undefined;
      side = 0;
    }
    if (connection === undefined) {
      if (!isSyn && segment.payload.length + segment.missing === 0) return;
      if (this.#known.size >= maxConnections && !this.#forgetOne()) {
        this.leftOut++;
        return;
      }
      connection = new Connection(
        { first: from, key: `${from} ${to}` },
        { segment, at, found: this.#found },
      );
      this.#known.set(connection.key, connection);
    }
    connection.segment(side, segment, at);
    if (connection.isOver) this.#over.add(connection.key);
  }

  /** The capture is over. */
  finish(): void {
    for (const connection of this.#known.values()) connection.finish();
    this.#known.clear();
    this.#over.clear();
  }

  /** Of those that are over. */
  #forgetOne(): boolean {
    for (const key of this.#over) {
      this.#forget(key);
      return true;
    }
    return false;
  }

  #forget(key: string): void {
    this.#known.delete(key);
    this.#over.delete(key);
  }
}

/** Cheaper than text. */
const keyOf = (address: Uint8Array, port: number): string => String.fromCharCode(port, ...address);

interface Beginning {
  readonly segment: CapturedSegment;
  readonly at: number;
  readonly found: (connection: CapturedConnection) => ConnectionSink;
}

class Connection {
  readonly key: string;
  /** The key of side 0. */
  readonly first: string;
  readonly #found: Beginning["found"];
  readonly #ends: readonly [Endpoint, Endpoint];
  readonly #began: number;
  readonly #streams: readonly [TcpStream, TcpStream];
  readonly #sawSyn: [boolean, boolean] = [false, false];
  #client: Side | undefined;
  #sink: ConnectionSink | undefined;
  #isOver = false;
  /** Of the packet at hand. */
  #at = 0;

  constructor({ key, first }: { key: string; first: string }, { segment, at, found }: Beginning) {
    this.key = key;
    this.first = first;
    this.#found = found;
    this.#began = at;
    this.#ends = [
      { address: addressText(segment.source), port: segment.sourcePort },
      { address: addressText(segment.destination), port: segment.destinationPort },
    ];
    this.#streams = [this.#stream(0), this.#stream(1)];
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** A SYN of that number begins another connection between the same ends. */
  isOther(side: Side, sequence: number): boolean {
    return this.#isOver || this.#streams[side].isOther(sequence);
  }

  segment(side: Side, segment: CapturedSegment, at: number): void {
    if (this.#isOver) return;
    this.#at = at;
    const { flags, payload, missing } = segment;
    const [stream, other] = side === 0 ? this.#streams : [this.#streams[1], this.#streams[0]];
    let { sequence } = segment;
    if (flags & TcpFlag.syn) {
      this.#client ??= flags & TcpFlag.acknowledge ? otherSide(side) : side;
      this.#sawSyn[side] = true;
      stream.begin(sequence);
      sequence = (sequence + 1) >>> 0;
    }
    if (flags & TcpFlag.acknowledge) other.acknowledge(segment.acknowledgement);
    stream.segment(sequence, payload, missing);
    if (flags & TcpFlag.fin) stream.fin((sequence + payload.length + missing) >>> 0);
    const isReset = (flags & TcpFlag.reset) !== 0;
    if (isReset || (stream.isOver && other.isOver)) this.finish();
  }

  finish(): void {
    if (this.#isOver) return;
    for (const stream of this.#streams) stream.finish();
    this.#isOver = true;
    this.#sink?.finish();
    this.#sink = undefined;
  }

  #stream(side: Side): TcpStream {
    const tell = (what: Told): void => this.#tell(side, what);
    return new TcpStream({
      bytes: (bytes) => tell({ kind: "bytes", bytes }),
      gap: (bytes) => tell({ kind: "gap", bytes }),
      end: () => tell({ kind: "end" }),
    });
  }

  #tell(side: Side, what: Told): void {
    if (this.#sink === undefined) {
      if (what.kind === "end") return;
      this.#client ??= this.#guessClient(side, what);
      this.#sink = this.#found({
        client: this.#ends[this.#client],
        server: this.#ends[otherSide(this.#client)],
        began: this.#began,
        fromTheStart: this.#sawSyn[0] || this.#sawSyn[1],
      });
    }
    const end: Role = side === this.#client ? "client" : otherRole("client");
    this.#sink.event({ ...what, at: this.#at - this.#began, end, direction: "sent" });
  }

  #guessClient(side: Side, what: Told): Side {
    if (what.kind === "bytes" && what.bytes[0] === ContentType.handshake) {
      if (what.bytes[5] === HandshakeType.client_hello) return side;
      if (what.bytes[5] === HandshakeType.server_hello) return otherSide(side);
    }
    return this.#ends[0].port < this.#ends[1].port ? 1 : 0;
  }
}

type Told =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "gap"; readonly bytes: number }
  | { readonly kind: "end" };

const otherSide = (side: Side): Side => (side === 0 ? 1 : 0);
