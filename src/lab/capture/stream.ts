/**
 * One direction of a TCP connection, put together from its segments in whatever order they were captured (RFC 9293
 * §3.4). What came first counts: a retransmission changes nothing, and of one that overlaps only what is new is taken.
 *
 * A hole is waited for as long as it may still be filled. It is a gap once the other end has acknowledged it and
 * many packets have passed, once more waits behind it than may, and when the capture ends.
 */

/** What comes of a segment. */
export interface StreamOutlet {
  bytes(bytes: Uint8Array): void;
  /** So many bytes were not captured. */
  gap(bytes: number): void;
  /** The direction is over. */
  end(): void;
}

/** Bytes behind a hole, and segments. */
const maxPending = 2 ** 20;
const maxPendingSegments = 1024;
/** Packets of the connection behind the acknowledgement of a hole: captures mix up neighbours, and no more. */
const patience = 16;

interface Pending {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly missing: number;
}

export class TcpStream {
  readonly #outlet: StreamOutlet;
  /** Sequence number of the next byte; `undefined` before the first segment. */
  #next: number | undefined;
  /** By sequence number, none of them before `#next`. */
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #waited = 0;
  /** Sequence number of the FIN. */
  #fin: number | undefined;
  #isOver = false;

  constructor(outlet: StreamOutlet) {
    this.#outlet = outlet;
  }

  /** Bytes that wait behind a hole. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** It begins here, with a SYN. */
  begin(sequence: number): void {
    this.#next ??= (sequence + 1) >>> 0;
  }

  /** Whether a SYN of that number would begin another connection. */
  isOther(sequence: number): boolean {
    return (
      this.#next !== undefined && this.#pending.length === 0 && after(this.#next, sequence) < 0
    );
  }

  /** @param missing bytes of the segment that were not captured; they are at its end */
  segment(sequence: number, bytes: Uint8Array, missing: number): void {
    if (this.#isOver || bytes.length + missing === 0) return;
    this.#next ??= sequence;
    if (after(sequence, this.#next) > maxAhead) return;
    if (after(sequence, this.#next) <= 0) {
      this.#deliver({ sequence, bytes, missing });
      this.#drain();
    } else this.#hold({ sequence, bytes: bytes.slice(), missing });
  }

  fin(sequence: number): void {
    this.#next ??= sequence;
    this.#fin ??= sequence;
    this.#drain();
  }

  /** The other end has all bytes before this one. */
  acknowledge(number: number): void {
    const [first] = this.#pending;
    if (first === undefined || after(number, first.sequence) < 0) this.#waited = 0;
    else if (++this.#waited > patience) this.#giveUp();
  }

  /** Nothing comes any more. */
  finish(): void {
    while (this.#pending.length > 0) this.#giveUp();
    if (this.#fin !== undefined && this.#next !== undefined && !this.#isOver) {
      const missing = after(this.#fin, this.#next);
      if (missing > 0 && missing < maxAhead) this.#outlet.gap(missing);
      this.#end();
    }
  }

  #deliver({ sequence, bytes, missing }: Pending): void {
    const known = -after(sequence, this.#next!);
    const fresh = known < bytes.length ? bytes.subarray(known) : undefined;
    const lost = missing - Math.max(0, known - bytes.length);
    if (fresh !== undefined) {
      this.#next = (this.#next! + fresh.length) >>> 0;
      this.#outlet.bytes(fresh);
    }
    if (lost > 0) {
      this.#next = (this.#next! + lost) >>> 0;
      this.#outlet.gap(lost);
    }
  }

  #hold(segment: Pending): void {
    let at = this.#pending.length;
    while (at > 0 && after(this.#pending[at - 1]!.sequence, segment.sequence) > 0) at--;
    this.#pending.splice(at, 0, segment);
    this.#pendingBytes += segment.bytes.length;
    if (this.#pendingBytes > maxPending || this.#pending.length > maxPendingSegments)
      this.#giveUp();
  }

  /** Delivers what the last bytes made reachable. */
  #drain(): void {
    let count = 0;
    for (const segment of this.#pending) {
      if (after(segment.sequence, this.#next!) > 0) break;
      count++;
      this.#pendingBytes -= segment.bytes.length;
      this.#deliver(segment);
    }
    if (count > 0) this.#pending = this.#pending.slice(count);
    if (
      this.#fin !== undefined &&
      this.#pending.length === 0 &&
      after(this.#fin, this.#next!) <= 0
    ) {
      this.#end();
    }
  }

  /** What is missing before the first that waits was not captured. */
  #giveUp(): void {
    const [first] = this.#pending;
    if (first === undefined) return;
    this.#outlet.gap(after(first.sequence, this.#next!));
    this.#next = first.sequence;
    this.#waited = 0;
    this.#drain();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outlet.end();
  }
}

/** The largest window (RFC 7323 §2.3): what is further ahead is of no connection that we know. */
const maxAhead = 2 ** 30;

/** How far one number is behind the other, as numbers modulo 2^32 are compared; negative: before it. */
const after = (number: number, other: number): number => (number - other) | 0;
