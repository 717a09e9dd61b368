/** RACK (RFC 8985 §6.2): what was sent well before something that arrived is lost. Times in ns, waits in microseconds. */
import type { RoundTrip } from "./round-trip.ts";
import type { Segments } from "./segments.ts";

/** Segments that arrived beyond a gap after which reordering is not waited for. */
const duplicateThreshold = 3;

export class Rack {
  /** The round trip of the segment that was delivered last. */
  trip = 0;
  /** Whether a delivery has been seen since the last look for losses. */
  hasAdvanced = false;

  readonly #segments: Segments;
  readonly #roundTrip: RoundTrip;
  /** Of the delivered segments the one that was sent last: when, and where it ends. */
  #sent = 0;
  #end = 0;
  /** Where the highest segment ends that arrived beyond a gap, and whether one that was sent once came after it. */
  #highest = 0;
  #hasReordered = false;

  constructor(segments: Segments, roundTrip: RoundTrip) {
    this.#segments = segments;
    this.#roundTrip = roundTrip;
  }

  restart(): void {
    this.trip = 0;
    this.hasAdvanced = false;
    this.#sent = -1;
    this.#end = 0;
    this.#highest = 0;
    this.#hasReordered = false;
  }

  /** A segment was delivered, beyond a gap or not. */
  deliver(now: number, index: number, isBeyondGap: boolean): void {
    const segments = this.#segments;
    const end = segments.endOf(index);
    const wasResent = segments.wasResent(index);
    if (!wasResent && end < this.#highest) this.#hasReordered = true;
    if (isBeyondGap && end > this.#highest) this.#highest = end;
    const sent = segments.sentAt(index);
    const trip = microseconds(now - sent);
    // Sooner than a round trip: an earlier transmission arrived
    if (wasResent && trip < this.#roundTrip.minimum) return;
    this.hasAdvanced = true;
    this.trip = trip;
    if (sent > this.#sent || (sent === this.#sent && end > this.#end)) {
      this.#sent = sent;
      this.#end = end;
    }
  }

  /** Marks what is lost. @returns how long the rest, which may only be late, is waited for; 0: there is none */
  detect(now: number, isRepairing: boolean): number {
    this.hasAdvanced = false;
    const segments = this.#segments;
    const patience = this.trip + this.#window(isRepairing);
    let wait = 0;
    for (let index = segments.first; index < segments.last; index++) {
      if (segments.isSacked(index) || segments.isToResend(index)) continue;
      const sent = segments.sentAt(index);
      if (sent > this.#sent || (sent === this.#sent && segments.endOf(index) >= this.#end))
        continue;
      const remaining = patience - microseconds(now - sent);
      if (remaining <= 0) segments.markLost(index);
      else wait = Math.max(wait, remaining);
    }
    return wait;
  }

  /** How much later than others a segment may come (RFC 8985 §6.2.1, step 4). */
  #window(isRepairing: boolean): number {
    const isImpatient = isRepairing || this.#segments.sacked >= duplicateThreshold;
    if (isImpatient && !this.#hasReordered) return 0;
    return Math.min(Math.floor(this.#roundTrip.minimum / 4), this.#roundTrip.smoothed);
  }
}

export const microseconds = (nanoseconds: number): number => Math.floor(nanoseconds / 1000);
