/** What one end has received: in order, beyond gaps, and how much more it would take. */
import type { ReceiveWindow } from "./network.ts";

export class Receiver {
  /** Bytes received without a gap. */
  next = 0;
  /** Bytes that may come beyond {@link next}. The application reads at once. */
  window = 0;
  /** Ranges beyond gaps, the last one that grew first, as pairs of from and to (RFC 2018 §4). */
  ranges = new Int32Array(16);
  rangeCount = 0;

  readonly #mss: number;
  readonly #initial: number;
  readonly #maximum: number;
  /** Since when, and from which byte on, arrivals are counted, and how many the last round trip brought. */
  #since = 0;
  #from = 0;
  #space = 0;

  constructor(mss: number, window: ReceiveWindow = {}) {
    this.#mss = mss;
    this.#maximum = window.maximum ?? Math.max(window.initial ?? 0, 6 * 2 ** 20);
    this.#initial = Math.min(window.initial ?? 65_535, this.#maximum);
  }

  restart(): void {
    this.next = 0;
    this.window = this.#initial;
    this.rangeCount = 0;
    this.#since = 0;
    this.#from = 0;
    this.#space = Math.min(this.#initial, 10 * this.#mss);
  }

  /** Takes a segment. @returns whether any of it is new */
  take(start: number, end: number): boolean {
    if (start > this.next) return this.#keep(start, end);
    if (end <= this.next) return false;
    this.next = end;
    if (this.rangeCount > 0) this.#fill();
    return true;
  }

  /** Lets the window grow with what a round trip brings (Linux, `tcp_rcv_space_adjust`). Times in ns. */
  adjust(now: number, roundTrip: number): void {
    if (this.window >= this.#maximum || now - this.#since < roundTrip) return;
    const copied = this.next - this.#from;
    if (copied >= this.#space) {
      const twice = 2 * copied + 16 * this.#mss;
      const grown = twice + 2 * Math.floor((twice * (copied - this.#space)) / this.#space);
      this.window = Math.min(this.#maximum, Math.max(this.window, grown));
      this.#space = copied;
    }
    this.#since = now;
    this.#from = this.next;
  }

  /** Keeps a range beyond a gap: joined with those that it touches, and first. */
  #keep(start: number, end: number): boolean {
    const ranges = this.ranges;
    let [low, high] = [start, end];
    let kept = 0;
    for (let index = 0; index < this.rangeCount; index++) {
      const [from, to] = [ranges[2 * index]!, ranges[2 * index + 1]!];
      if (from <= start && to >= end) return this.#front(index);
      if (to < low || from > high) {
        ranges[2 * kept] = from;
        ranges[2 * kept + 1] = to;
        kept++;
      } else {
        low = Math.min(low, from);
        high = Math.max(high, to);
      }
    }
    if (2 * kept + 2 > ranges.length) {
      this.ranges = new Int32Array(2 * ranges.length);
      this.ranges.set(ranges);
    }
    this.ranges.copyWithin(2, 0, 2 * kept);
    this.ranges[0] = low;
    this.ranges[1] = high;
    this.rangeCount = kept + 1;
    return true;
  }

  /** A range that came again is reported first. */
  #front(index: number): false {
    const [from, to] = [this.ranges[2 * index]!, this.ranges[2 * index + 1]!];
    this.ranges.copyWithin(2, 0, 2 * index);
    this.ranges[0] = from;
    this.ranges[1] = to;
    return false;
  }

  /** Joins the ranges that are now without a gap. */
  #fill(): void {
    for (let index = 0; index < this.rangeCount;) {
      const [from, to] = [this.ranges[2 * index]!, this.ranges[2 * index + 1]!];
      if (from > this.next) {
        index++;
        continue;
      }
      this.next = Math.max(this.next, to);
      this.ranges.copyWithin(2 * index, 2 * index + 2, 2 * this.rangeCount);
      this.rangeCount--;
      index = 0;
    }
  }
}
