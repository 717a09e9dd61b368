/**
 * One direction of a path while packets are on it. They stand in a ring, in the order in which they arrive;
 * nothing is allocated for one. A packet is what a kernel hands down: it may hold several segments, which then
 * share their fate.
 */
import type { Link } from "./network.ts";
import { type Line, SimulatedLink } from "./simulated-link.ts";
import type { Receiver } from "./receiver.ts";

/** What is true of a packet, as bits. */
export const Flag = { syn: 1, data: 2, retransmission: 4, duplicate: 8 } as const;

/** A packet as observers and middleboxes see it. Times in ns. */
export interface Packet {
  readonly sent: number;
  /** Bits of {@link Flag}; `duplicate` reports that data came twice (RFC 2883). */
  readonly flags: number;
  /** Where in its direction's stream its payload starts, and how long it is, in bytes. */
  readonly start: number;
  readonly length: number;
  /** Bytes of the other direction that it acknowledges. */
  readonly acknowledges: number;
}

/** What a middlebox does with a packet: let it pass, drop it, or hold it for so many ns. */
export type Verdict = "pass" | "drop" | { readonly hold: number };

/** A middlebox of packets at the head of a direction. It is asked about each packet once, in order. */
export type PacketBox = (packet: Packet) => Verdict;

/** Told of each packet, and when it arrives: undefined where it is lost. */
export type Tap = (packet: Packet, arrives: number | undefined) => void;

/** SACK blocks that fit beside timestamps (RFC 2018 §3). */
const maximumBlocks = 3;
/** Numbers of one packet in the ring: flags, start, length, acknowledged, window, count of blocks, blocks. */
const stride = 6 + 2 * maximumBlocks;

export class Channel {
  tap: Tap | undefined;
  box: PacketBox | undefined;
  /** Packets handed down, lost among them, and bytes of payload. */
  packets = 0;
  lost = 0;
  bytes = 0;

  // The packet that was taken last
  flags = 0;
  start = 0;
  length = 0;
  acknowledges = 0;
  window = 0;
  blockCount = 0;
  readonly blocks = new Int32Array(2 * maximumBlocks);

  readonly #acks: Receiver;
  readonly #due: Float64Array;
  readonly #slot: number;
  readonly #headers: number;
  readonly #mss: number;
  readonly #link: SimulatedLink;

  #mask = 31;
  #arrives = new Float64Array(32);
  #ring = new Int32Array(32 * stride);
  #head = 0;
  #tail = 0;

  /**
   * `due[way]` is always when the next packet arrives. Every packet says what its sender has received, so the
   * channel looks at `acks`.
   */
  constructor(path: PathOptions, acks: Receiver, due: Float64Array, way: 0 | 1) {
    this.#acks = acks;
    this.#due = due;
    this.#slot = way;
    this.#headers = path.headers;
    this.#mss = path.mss;
    this.#link = new SimulatedLink(path.link, way, path.line);
  }

  restart(seed: number): void {
    this.packets = 0;
    this.lost = 0;
    this.bytes = 0;
    this.#head = 0;
    this.#tail = 0;
    this.#due[this.#slot] = Number.POSITIVE_INFINITY;
    this.#link.restart(seed);
  }

  /** Hands a packet down: bytes `start` to `start + length`, and what its sender has received. */
  send(now: number, flags: number, start: number, length: number): void {
    this.packets++;
    this.bytes += length;
    const held = this.box === undefined ? 0 : this.#askBox(now, flags, start, length);
    const arrives = this.#link.pass(
      now,
      length + this.#headers * Math.max(1, Math.ceil(length / this.#mss)),
      (flags & Flag.data) !== 0,
      this.#tail - this.#head,
      held,
    );
    if (arrives < 0) return this.#lose(now, flags, start, length);
    this.tap?.(this.#packet(now, flags, start, length), arrives);
    this.#put(arrives, flags, start, length);
  }

  /** Takes the next packet from the path into {@link flags} and the fields beside it. */
  take(): void {
    const place = this.#head++ & this.#mask;
    const ring = this.#ring;
    const at = place * stride;
    this.flags = ring[at]!;
    this.start = ring[at + 1]!;
    this.length = ring[at + 2]!;
    this.acknowledges = ring[at + 3]!;
    this.window = ring[at + 4]!;
    const count = ring[at + 5]!;
    this.blockCount = count;
    for (let edge = 0; edge < 2 * count; edge++) this.blocks[edge] = ring[at + 6 + edge]!;
    this.#due[this.#slot] =
      this.#head === this.#tail
        ? Number.POSITIVE_INFINITY
        : this.#arrives[this.#head & this.#mask]!;
  }

  #put(arrives: number, flags: number, start: number, length: number): void {
    if (this.#tail - this.#head > this.#mask) this.#grow();
    const ring = this.#ring;
    let place = this.#tail++;
    // Only jitter brings a packet before one that was sent earlier
    while (place > this.#head && this.#arrives[(place - 1) & this.#mask]! > arrives) {
      const [to, from] = [place & this.#mask, (place - 1) & this.#mask];
      this.#arrives[to] = this.#arrives[from]!;
      ring.copyWithin(to * stride, from * stride, (from + 1) * stride);
      place--;
    }
    this.#arrives[place & this.#mask] = arrives;
    const at = (place & this.#mask) * stride;
    const acks = this.#acks;
    ring[at] = flags;
    ring[at + 1] = start;
    ring[at + 2] = length;
    ring[at + 3] = acks.next;
    ring[at + 4] = acks.window;
    const count = Math.min(acks.rangeCount, maximumBlocks);
    ring[at + 5] = count;
    for (let edge = 0; edge < 2 * count; edge++) ring[at + 6 + edge] = acks.ranges[edge]!;
    if (place === this.#head) this.#due[this.#slot] = arrives;
  }

  #lose(now: number, flags: number, start: number, length: number): void {
    this.lost++;
    this.tap?.(this.#packet(now, flags, start, length), undefined);
  }

  /** How long the box holds the packet, in ns; negative: it drops it. */
  #askBox(now: number, flags: number, start: number, length: number): number {
    const verdict = this.box!(this.#packet(now, flags, start, length));
    if (verdict === "pass") return 0;
    return verdict === "drop" ? -1 : Math.max(0, Math.round(verdict.hold));
  }

  #packet(sent: number, flags: number, start: number, length: number): Packet {
    return { sent, flags, start, length, acknowledges: this.#acks.next };
  }

  #grow(): void {
    const size = this.#mask + 1;
    const [arrives, ring] = [new Float64Array(2 * size), new Int32Array(2 * size * stride)];
    for (let place = this.#head; place < this.#tail; place++) {
      const from = place & this.#mask;
      const to = place & (2 * size - 1);
      arrives[to] = this.#arrives[from]!;
      ring.set(this.#ring.subarray(from * stride, (from + 1) * stride), to * stride);
    }
    this.#arrives = arrives;
    this.#ring = ring;
    this.#mask = 2 * size - 1;
  }
}

export interface PathOptions {
  readonly link: Link;
  readonly mss: number;
  readonly headers: number;
  /** Default: one of its own. */
  readonly line?: Line | undefined;
}
