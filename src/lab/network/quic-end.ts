/**
 * One end of QUIC's flights. Bytes of CRYPTO and STREAM frames go in packets of three spaces (Initial, Handshake,
 * 1-RTT), packets in datagrams. It knows no frames but these and ACK, and of recovery what RFC 9002 says of PTO, of
 * packets that are three behind or nine eighths of a round trip late, and of slow start.
 */

/** Initial, Handshake, 1-RTT. */
export type Space = 0 | 1 | 2;

/** What a packet has beside its frames' data: headers with connection ids of 8 bytes, the tag, a frame's header. */
const overhead = [50, 46, 32] as const;
/** An ACK frame. */
const ackFrame = 8;
/** A packet that carries less would be all header. */
const least = 16;
/** ms (RFC 9002 §6.2.2): the round trip before there is a sample, and how long acknowledgements of 1-RTT may wait. */
const initialRoundTrip = 333;
const maximumAckDelay = 25;
const packetThreshold = 3;
/** No datagram is made for less than this. */
const smallest = 100;

export interface QuicPacket {
  readonly space: Space;
  readonly number: number;
  readonly start: number;
  readonly length: number;
  /** Packets of the other end that it acknowledges, of its space. */
  readonly acknowledges: readonly number[];
  /** Whether it asks to be acknowledged. */
  readonly isEliciting: boolean;
}

export interface Datagram {
  readonly size: number;
  readonly packets: readonly QuicPacket[];
}

interface Sent extends QuicPacket {
  readonly at: number;
  readonly size: number;
}

export interface QuicEndOptions {
  readonly role: "client" | "server";
  /** Bytes of a datagram. */
  readonly datagram: number;
  /** Datagrams that may be sent before the first acknowledgement. */
  readonly initialWindow: number;
  /** How many times what was received a server may send before the client's address is validated. */
  readonly amplification: number;
  readonly send: (now: number, datagram: Datagram) => void;
}

/** All times in ms. */
export class QuicEnd {
  /** When something must be sent again, or looked for; infinity: nothing. */
  timer = Number.POSITIVE_INFINITY;
  failed = false;
  /** How long the server was held back by the limit of amplification. */
  blocked = 0;

  readonly #options: QuicEndOptions;
  /** By space: bytes to be said, bytes said so far, and those that are to be said again. */
  readonly #total = [0, 0, 0];
  readonly #next = [0, 0, 0];
  readonly #again: { start: number; length: number }[][] = [[], [], []];
  readonly #numbers = [0, 0, 0];
  readonly #inFlight = new Map<string, Sent>();
  readonly #largest = [-1, -1, -1];
  readonly #heard: number[][] = [[], [], []];
  readonly #owes = [false, false, false];
  readonly #received: Set<number>[] = [new Set(), new Set(), new Set()];
  readonly #ranges: [number, number][][] = [[], [], []];
  /** The spaces whose keys this end has, and those that it has given up. */
  #keys: Space;
  #first: Space = 0;
  #isValidated: boolean;
  #bytesIn = 0;
  #bytesOut = 0;
  #window: number;
  #threshold = Number.POSITIVE_INFINITY;
  #recovery = Number.NEGATIVE_INFINITY;
  #smoothed = 0;
  #variation = 0;
  #probes = 0;
  #lastEliciting = 0;
  #hasAnswer = false;
  #blockedSince = Number.NaN;

  constructor(options: QuicEndOptions) {
    this.#options = options;
    this.#window = options.initialWindow * options.datagram;
    this.#keys = options.role === "client" ? 0 : 1;
    this.#isValidated = options.role === "client";
  }

  /** Adds bytes to what is said in a space. */
  add(space: Space, bytes: number): void {
    this.#total[space]! += bytes;
  }

  /** As {@link add}, and sends what may be sent. */
  say(now: number, space: Space, bytes: number): void {
    this.add(space, bytes);
    this.flush(now);
  }

  /** The keys of this space and of those below it are there. */
  unlock(space: Space): void {
    if (space > this.#keys) this.#keys = space;
  }

  /** How many bytes of a space have arrived without a gap. */
  arrived(space: Space): number {
    const first = this.#ranges[space]![0];
    return first !== undefined && first[0] === 0 ? first[1] : 0;
  }

  receive(now: number, datagram: Datagram): void {
    this.#bytesIn += datagram.size;
    for (const packet of datagram.packets) {
      const { space } = packet;
      if (space < this.#first) continue;
      if (space === 1 && this.#options.role === "server") {
        // The client has the server's Initial: its address is its own (RFC 9000 §8.1)
        this.#isValidated = true;
        this.#discardInitial();
      }
      this.#acknowledged(now, packet);
      if (this.#received[space]!.has(packet.number)) continue;
      this.#received[space]!.add(packet.number);
      this.#heard[space]!.push(packet.number);
      if (packet.length > 0)
        insert(this.#ranges[space]!, packet.start, packet.start + packet.length);
      if (packet.isEliciting) this.#owes[space] = true;
    }
    this.#unblock(now);
  }

  /** Sends what is owed, and what the windows allow. */
  flush(now: number): void {
    for (;;) {
      const datagram = this.#assemble(now, false);
      if (datagram === undefined) break;
      this.#options.send(now, datagram);
    }
    this.#setTimer(now);
  }

  expired(now: number): void {
    this.timer = Number.POSITIVE_INFINITY;
    if (!this.#loseLate(now)) {
      if (++this.#probes > 12) {
        this.failed = true;
        return;
      }
      this.#probe(now);
    }
    this.flush(now);
  }

  /**
   * What was not acknowledged goes again, the lowest space first, since nothing can be read without it; if there is
   * nothing, a packet that only asks for an answer (RFC 9002 §6.2.4).
   */
  #probe(now: number): void {
    const sent = [...this.#inFlight.values()].toSorted(
      (a, b) => a.space - b.space || a.number - b.number,
    );
    for (const packet of sent.slice(0, 2)) this.#sayAgain(packet);
    const datagram = this.#assemble(now, true);
    if (datagram !== undefined) this.#options.send(now, datagram);
  }

  #assemble(now: number, isProbe: boolean): Datagram | undefined {
    const { datagram: full, role } = this.#options;
    const most = Math.min(full, this.#room());
    if (most < smallest) {
      if (this.#hasMore() && Number.isNaN(this.#blockedSince)) this.#blockedSince = now;
      return undefined;
    }
    const mayAdd = isProbe || this.#bytesInFlight() + full <= this.#window;
    const packets: Sent[] = [];
    let size = 0;
    for (let space = this.#first; space <= this.#keys; space++) {
      const owes = this.#owes[space]!;
      const fixed = overhead[space] + (owes ? ackFrame : 0);
      // An Initial that asks for an answer is padded, so it needs a whole datagram
      const fits = space > 0 || most === full;
      const piece = mayAdd && fits ? this.#piece(space, most - size - fixed) : undefined;
      const pings = isProbe && packets.length === 0 && space === this.#keys;
      if (piece === undefined && !owes && !pings) continue;
      if (size + fixed > most) break;
      const length = piece?.length ?? 0;
      packets.push({
        space,
        number: this.#numbers[space]!++,
        start: piece?.start ?? 0,
        length,
        acknowledges: owes ? [...this.#heard[space]!] : [],
        isEliciting: piece !== undefined || pings,
        at: now,
        size: fixed + length,
      });
      this.#owes[space] = false;
      size += fixed + length;
    }
    if (packets.length === 0) return undefined;
    // Datagrams with an Initial are padded (RFC 9000 §14.1), a server's only if it asks for an answer
    const hasInitial = packets.some(
      ({ space, isEliciting }) => space === 0 && (role === "client" || isEliciting),
    );
    if (hasInitial) size = Math.max(size, full);
    this.#bytesOut += size;
    for (const packet of packets) {
      if (!packet.isEliciting) continue;
      this.#inFlight.set(key(packet), packet);
      this.#lastEliciting = now;
    }
    if (role === "client" && packets.some(({ space }) => space === 1)) this.#discardInitial();
    return { size, packets };
  }

  /** What of a space goes next, at most so long. */
  #piece(space: Space, most: number): { start: number; length: number } | undefined {
    const again = this.#again[space]![0];
    const rest = this.#total[space]! - this.#next[space]!;
    const wanted = again?.length ?? rest;
    if (wanted === 0 || most < Math.min(least, wanted)) return undefined;
    const length = Math.min(wanted, most);
    if (again === undefined) {
      const start = this.#next[space]!;
      this.#next[space]! += length;
      return { start, length };
    }
    const { start } = again;
    if (length === again.length) this.#again[space]!.shift();
    else this.#again[space]![0] = { start: start + length, length: again.length - length };
    return { start, length };
  }

  #hasMore(): boolean {
    for (let space = this.#first; space <= this.#keys; space++) {
      if (this.#again[space]!.length > 0 || this.#next[space]! < this.#total[space]!) return true;
    }
    return false;
  }

  /** Bytes that a server may still send (RFC 9000 §8.1). */
  #room(): number {
    if (this.#isValidated) return Number.POSITIVE_INFINITY;
    return this.#options.amplification * this.#bytesIn - this.#bytesOut;
  }

  #unblock(now: number): void {
    if (Number.isNaN(this.#blockedSince) || this.#room() < smallest) return;
    this.blocked += now - this.#blockedSince;
    this.#blockedSince = Number.NaN;
  }

  #bytesInFlight(): number {
    let bytes = 0;
    for (const { size } of this.#inFlight.values()) bytes += size;
    return bytes;
  }

  #acknowledged(now: number, { space, acknowledges }: QuicPacket): void {
    const largest = acknowledges.at(-1);
    for (const number of acknowledges) {
      const sent = this.#inFlight.get(key({ space, number }));
      if (sent === undefined) continue;
      this.#inFlight.delete(key(sent));
      this.#probes = 0;
      if (space === 1) this.#hasAnswer = true;
      if (number === largest) this.#sample(now - sent.at);
      this.#largest[space] = Math.max(this.#largest[space]!, number);
      if (sent.at <= this.#recovery) continue;
      if (this.#window < this.#threshold) this.#window += sent.size;
      else this.#window += (this.#options.datagram * sent.size) / this.#window;
    }
    if (acknowledges.length > 0) this.#loseLate(now);
  }

  /** RFC 9002 §6.1. @returns whether anything was lost */
  #loseLate(now: number): boolean {
    const late = (9 / 8) * (this.#smoothed || initialRoundTrip);
    let isLost = false;
    for (const sent of this.#inFlight.values()) {
      const largest = this.#largest[sent.space]!;
      if (sent.number >= largest) continue;
      if (sent.number > largest - packetThreshold && now - sent.at < late - 1e-6) continue;
      this.#sayAgain(sent);
      isLost = true;
      if (sent.at <= this.#recovery) continue;
      this.#recovery = now;
      this.#threshold = Math.max(this.#window / 2, 2 * this.#options.datagram);
      this.#window = this.#threshold;
    }
    return isLost;
  }

  #sayAgain(sent: Sent): void {
    this.#inFlight.delete(key(sent));
    if (sent.length > 0) this.#again[sent.space]!.push({ start: sent.start, length: sent.length });
  }

  #sample(trip: number): void {
    if (this.#smoothed === 0) {
      this.#smoothed = trip;
      this.#variation = trip / 2;
      return;
    }
    this.#variation = (3 * this.#variation + Math.abs(this.#smoothed - trip)) / 4;
    this.#smoothed = (7 * this.#smoothed + trip) / 8;
  }

  #setTimer(now: number): void {
    this.timer = Number.POSITIVE_INFINITY;
    const late = (9 / 8) * (this.#smoothed || initialRoundTrip);
    for (const sent of this.#inFlight.values()) {
      if (sent.number < this.#largest[sent.space]!)
        this.timer = Math.min(this.timer, sent.at + late);
    }
    if (this.timer !== Number.POSITIVE_INFINITY) return;
    // A server that may send nothing has nothing to wait for; a client without an answer keeps it from waiting for ever
    if (this.#room() < smallest) return;
    const isWaiting = this.#options.role === "client" && !this.#hasAnswer;
    if (this.#inFlight.size === 0 && !isWaiting) return;
    const trip = this.#smoothed || initialRoundTrip;
    const variation = this.#smoothed === 0 ? initialRoundTrip / 2 : this.#variation;
    const isLate = [...this.#inFlight.values()].every(({ space }) => space === 2);
    const delay = this.#inFlight.size > 0 && isLate ? maximumAckDelay : 0;
    const wait = (trip + Math.max(4 * variation, 1) + delay) * 2 ** this.#probes;
    this.timer = Math.max(now, (this.#inFlight.size > 0 ? this.#lastEliciting : now) + wait);
  }

  /** RFC 9001 §4.9.1: with the first Handshake packet, Initial is over. */
  #discardInitial(): void {
    if (this.#first > 0) return;
    this.#first = 1;
    for (const sent of this.#inFlight.values())
      if (sent.space === 0) this.#inFlight.delete(key(sent));
    this.#probes = 0;
  }
}

const key = ({ space, number }: { space: Space; number: number }): string => `${space} ${number}`;

/** Adds a range, and joins those that it touches. */
function insert(ranges: [number, number][], from: number, to: number): void {
  const apart = ranges.filter(([low, high]) => high < from || low > to);
  const touched = ranges.filter(([low, high]) => high >= from && low <= to);
  const low = Math.min(from, ...touched.map(([start]) => start));
  const high = Math.max(to, ...touched.map(([, end]) => end));
  ranges.splice(
    0,
    ranges.length,
    ...[...apart, [low, high] as [number, number]].toSorted(([a], [b]) => a - b),
  );
}
