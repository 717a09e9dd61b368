/** The estimate of the round-trip time, and the retransmission timeout that follows (RFC 6298, as in `tcp_rtt_estimator`). */

/** Microseconds. */
const minimumTimeout = 200_000;
const maximumTimeout = 120_000_000;

/** All times in whole microseconds. */
export class RoundTrip {
  /** The smallest sample; 0: there is none. */
  minimum = 0;
  /** Timeout for what is sent now, backed off. */
  timeout = 0;

  readonly #jiffy: number;
  /** Eight times the smoothed round trip, as the kernel keeps it. */
  #smoothed = 0;
  #deviation = 0;
  #maximumDeviation = 0;
  #variance = 0;
  /** From which byte on the deviations of a new round trip are counted. */
  #from = 0;

  /** `jiffy` in ns: timeouts are whole numbers of them. */
  constructor(jiffy: number) {
    this.#jiffy = jiffy / 1000 || 1;
  }

  restart(): void {
    this.minimum = 0;
    this.timeout = 1_000_000;
    this.#smoothed = 0;
    this.#deviation = 0;
    this.#maximumDeviation = 0;
    this.#variance = 0;
    this.#from = 0;
  }

  get smoothed(): number {
    return Math.floor(this.#smoothed / 8);
  }

  /** Takes a sample. `una` and `nxt`: bytes acknowledged and sent so far. */
  sample(microseconds: number, una: number, nxt: number): void {
    const sample = Math.max(1, microseconds);
    if (this.minimum === 0 || sample < this.minimum) this.minimum = sample;
    if (this.#smoothed === 0) {
      this.#smoothed = 8 * sample;
      this.#deviation = 2 * sample;
      this.#variance = Math.max(this.#deviation, minimumTimeout);
      this.#maximumDeviation = this.#variance;
      this.#from = nxt;
    } else {
      this.#smooth(sample);
      if (una > this.#from) {
        if (this.#maximumDeviation < this.#variance) {
          this.#variance -= Math.floor((this.#variance - this.#maximumDeviation) / 4);
        }
        this.#from = nxt;
        this.#maximumDeviation = minimumTimeout;
      }
    }
    const exact = this.smoothed + this.#variance;
    this.timeout = Math.min(maximumTimeout, Math.ceil(exact / this.#jiffy) * this.#jiffy);
  }

  backOff(): void {
    this.timeout = Math.min(maximumTimeout, 2 * this.timeout);
  }

  #smooth(sample: number): void {
    let error = sample - this.smoothed;
    this.#smoothed += error;
    if (error < 0) {
      // Shorter round trips raise the deviation only slowly
      error = -error - Math.floor(this.#deviation / 4);
      if (error > 0) error = Math.floor(error / 8);
    } else {
      error -= Math.floor(this.#deviation / 4);
    }
    this.#deviation += error;
    this.#maximumDeviation = Math.max(this.#maximumDeviation, this.#deviation);
    this.#variance = Math.max(this.#variance, this.#maximumDeviation);
  }
}
