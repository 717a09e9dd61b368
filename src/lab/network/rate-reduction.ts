/** Proportional rate reduction (RFC 6937), as Linux's `tcp_cwnd_reduction` counts it. Everything is in segments. */
export class RateReduction {
  #windowBefore = 0;
  #delivered = 0;
  #sent = 0;

  /** @param window before the loss */
  begin(window: number): void {
    this.#windowBefore = window;
    this.#delivered = 0;
    this.#sent = 0;
  }

  /** Segments were sent, new or again. */
  count(segments: number): void {
    this.#sent += segments;
  }

  /**
   * The window after an acknowledgement.
   * @param isSafe it acknowledges more, and shows no further loss
   */
  next(inFlight: number, threshold: number, delivered: number, isSafe: boolean): number {
    this.#delivered += delivered;
    let more: number;
    if (inFlight > threshold) {
      more = Math.ceil((threshold * this.#delivered) / this.#windowBefore) - this.#sent;
    } else {
      more = Math.max(this.#delivered - this.#sent, delivered) + (isSafe ? 1 : 0);
      more = Math.min(threshold - inFlight, more);
    }
    return inFlight + Math.max(more, this.#sent > 0 ? 0 : 1);
  }
}
