/**
 * The congestion window: slow start, which HyStart may end early, then CUBIC (RFC 9438, RFC 9406's forerunner),
 * with the constants and the arithmetic of Linux's tcp_cubic.c. Windows in segments, times in ns.
 */

/** The share of the window that is left after a loss: 717/1024. */
const beta = 717 / 1024;
/** Growth in segments per second cubed. */
const scale = 0.4;
/** HyStart looks at windows of at least so many segments. */
const lowWindow = 16;

export class Cubic {
  window = 0;
  threshold = 0;

  #lastMaximum = 0;
  #epoch = 0;
  #origin = 0;
  #k = 0;
  #acked = 0;
  #count = 0;
  #reno = 0;
  /** The smallest round trip in ns. */
  #delay = 0;
  #found = false;
  // HyStart's round
  #roundEnd = 0;
  #roundStart = 0;
  #lastAck = 0;
  #roundDelay = 0;
  #samples = 0;

  restart(initialWindow: number): void {
    this.window = initialWindow;
    this.threshold = Number.POSITIVE_INFINITY;
    this.#delay = 0;
    this.#found = false;
    this.#roundEnd = 0;
    this.forget();
  }

  /** After a timeout nothing of the past counts. */
  forget(): void {
    this.#lastMaximum = 0;
    this.#epoch = 0;
    this.#count = 0;
    this.#found = false;
  }

  get inSlowStart(): boolean {
    return this.window < this.threshold;
  }

  /** What the threshold becomes after a loss. */
  reduced(): number {
    this.#epoch = 0;
    this.#lastMaximum =
      this.window < this.#lastMaximum ? Math.floor((this.window * (1 + beta)) / 2) : this.window;
    return Math.max(2, Math.floor(this.window * beta));
  }

  /** `acked` segments were acknowledged while the window was what held the sender back. */
  grow(now: number, acked: number): void {
    let rest = acked;
    if (this.inSlowStart) {
      const grown = Math.min(this.window + rest, this.threshold);
      rest -= grown - this.window;
      this.window = grown;
      if (rest === 0) return;
    }
    const every = this.#every(now, rest);
    if (this.#count >= every) {
      this.#count = 0;
      this.window++;
    }
    this.#count += rest;
    if (this.#count >= every) {
      const more = Math.floor(this.#count / every);
      this.#count -= more * every;
      this.window += more;
    }
  }

  /** HyStart: a round trip of `delay` was seen; `una` and `nxt` are the bytes acknowledged and sent. */
  observe(now: number, delay: number, una: number, nxt: number): void {
    if (this.#epoch > 0 && now - this.#epoch < 1e9) return;
    if (this.#delay === 0 || delay < this.#delay) this.#delay = delay;
    if (this.#found || !this.inSlowStart || this.window < lowWindow) return;
    if (una > this.#roundEnd) {
      this.#roundEnd = nxt;
      this.#roundStart = now;
      this.#lastAck = now;
      this.#roundDelay = Number.POSITIVE_INFINITY;
      this.#samples = 0;
    }
    // Acknowledgements that follow closely, for half a round trip: the pipe is full
    if (now - this.#lastAck <= 2e6) {
      this.#lastAck = now;
      if (now - this.#roundStart > this.#delay / 2) this.#found = true;
    }
    this.#roundDelay = Math.min(this.#roundDelay, delay);
    const rise = Math.min(16e6, Math.max(4e6, this.#delay / 8));
    if (this.#samples < 8) this.#samples++;
    else if (this.#roundDelay > this.#delay + rise) this.#found = true;
    if (this.#found) this.threshold = this.window;
  }

  /** After how many acknowledged segments the window grows by one. */
  #every(now: number, acked: number): number {
    if (this.#epoch === 0) {
      this.#epoch = now;
      this.#acked = 0;
      this.#reno = this.window;
      const below = Math.max(0, this.#lastMaximum - this.window);
      this.#k = cubeRoot(below / scale);
      this.#origin = Math.max(this.#lastMaximum, this.window);
    }
    this.#acked += acked;
    const t = (now - this.#epoch + this.#delay) / 1e9 - this.#k;
    const target = Math.floor(this.#origin + scale * t * t * t);
    const { window } = this;
    let every = target > window ? Math.floor(window / (target - window)) : 100 * window;
    if (this.#lastMaximum === 0) every = Math.min(every, 20);
    // Never slower than Reno would be
    const step = Math.max(1, Math.floor((window * 15) / 8));
    while (this.#acked > step) {
      this.#acked -= step;
      this.#reno++;
    }
    if (this.#reno > window) every = Math.min(every, Math.floor(window / (this.#reno - window)));
    return Math.max(2, every);
  }
}

/** By Newton's method: engines may differ in the last digit of `Math.cbrt`. */
function cubeRoot(value: number): number {
  if (value === 0) return 0;
  let root = Math.max(1, value / 3);
  for (let turn = 0; turn < 60; turn++) {
    const next = (2 * root + value / (root * root)) / 3;
    if (next === root) break;
    root = next;
  }
  return root;
}
