/** Segments that were sent, in columns, in the order of their bytes: what is under way, and what is known of it. */

/** What is true of a segment, as bits; `first`: it was the first of its packet. */
const Mark = { sacked: 1, lost: 2, resent: 4, everResent: 8, first: 16 } as const;

export class Segments {
  /** Those from `first` up to `last` are under way. */
  first = 0;
  last = 0;
  /** How many of them arrived beyond a gap, count as lost, and were sent again since. */
  sacked = 0;
  lost = 0;
  resent = 0;

  #ends = new Int32Array(64);
  #sentAt = new Float64Array(64);
  #marks = new Uint8Array(64);

  restart(): void {
    this.first = 0;
    this.last = 0;
    this.sacked = 0;
    this.lost = 0;
    this.resent = 0;
  }

  /** How many are under way, lost ones included. */
  get out(): number {
    return this.last - this.first;
  }

  /** How many the network is thought to hold (RFC 6675 §5's pipe). */
  get inFlight(): number {
    return this.last - this.first - this.sacked - this.lost + this.resent;
  }

  startOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  endOf(index: number): number {
    return this.#ends[index]!;
  }

  /** When it was sent last, in ns. */
  sentAt(index: number): number {
    return this.#sentAt[index]!;
  }

  isSacked(index: number): boolean {
    return (this.#marks[index]! & Mark.sacked) !== 0;
  }

  /** Whether it was ever sent more than once. */
  wasResent(index: number): boolean {
    return (this.#marks[index]! & Mark.everResent) !== 0;
  }

  /** Whether it counts as lost, and was not sent again since. */
  isToResend(index: number): boolean {
    return (this.#marks[index]! & (Mark.lost | Mark.sacked | Mark.resent)) === Mark.lost;
  }

  /** The first of them that starts there or later. */
  from(start: number): number {
    let [low, high] = [this.first, this.last];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.startOf(middle) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many lost ones, from this one on, are to go again in one packet: at most so many, and of one packet before. */
  run(index: number, most: number): number {
    let count = 1;
    while (
      count < most &&
      index + count < this.last &&
      (this.#marks[index + count]! & Mark.first) === 0 &&
      this.isToResend(index + count)
    ) {
      count++;
    }
    return count;
  }

  /** Adds the segments of a packet. */
  add(now: number, start: number, end: number, mss: number): void {
    let mark: number = Mark.first;
    for (let at = start; at < end; mark = 0) {
      at = Math.min(at + mss, end);
      if (this.last === this.#ends.length) this.#grow();
      const index = this.last++;
      this.#ends[index] = at;
      this.#sentAt[index] = now;
      this.#marks[index] = mark;
    }
  }

  /** Some go again, as a packet. `marks`: whether they count as sent again, which those of a probe do not. */
  sendAgain(now: number, index: number, count: number, marks: "resent" | "probe"): void {
    const mark = Mark.everResent | (marks === "resent" ? Mark.resent : 0);
    if (marks === "resent") this.resent += count;
    for (let at = index; at < index + count; at++) {
      this.#sentAt[at] = now;
      this.#marks[at] = this.#marks[at]! | mark;
    }
    const next = index + count;
    if (next < this.last) this.#marks[next] = this.#marks[next]! | Mark.first;
  }

  markSacked(index: number): void {
    this.#uncount(index);
    this.#marks[index] = (this.#marks[index]! & ~(Mark.lost | Mark.resent)) | Mark.sacked;
    this.sacked++;
  }

  markLost(index: number): void {
    const mark = this.#marks[index]!;
    if (mark & Mark.resent) this.resent--;
    if ((mark & Mark.lost) === 0) this.lost++;
    this.#marks[index] = (mark | Mark.lost) & ~Mark.resent;
  }

  /** None counts as lost any more. */
  forgetLost(): void {
    for (let index = this.first; index < this.last; index++) {
      this.#marks[index] = this.#marks[index]! & ~Mark.lost;
    }
    this.lost = 0;
  }

  /** The first one was acknowledged. */
  shift(): void {
    const index = this.first++;
    this.#uncount(index);
    if (this.isSacked(index)) this.sacked--;
  }

  #uncount(index: number): void {
    const mark = this.#marks[index]!;
    if (mark & Mark.lost) this.lost--;
    if (mark & Mark.resent) this.resent--;
  }

  #grow(): void {
    const size = 2 * this.#ends.length;
    const [ends, sentAt, marks] = [
      new Int32Array(size),
      new Float64Array(size),
      new Uint8Array(size),
    ];
    ends.set(this.#ends);
    sentAt.set(this.#sentAt);
    marks.set(this.#marks);
    [this.#ends, this.#sentAt, this.#marks] = [ends, sentAt, marks];
  }
}
