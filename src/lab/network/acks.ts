/** When an end acknowledges what it received, if it has nothing to say itself (Linux, `__tcp_ack_snd_check`). */
import { type Channel, Flag } from "./channel.ts";
import { fires, type Kernel } from "./kernel.ts";
import type { Acks } from "./network.ts";
import type { Receiver } from "./receiver.ts";

/** How long an acknowledgement waits for company, in microseconds (`TCP_DELACK_MIN`). */
const delay = 40_000;
/** How many data segments are acknowledged at once at the beginning (`TCP_MAX_QUICKACKS`). */
const quickAcks = 16;

export interface AckOptions {
  readonly acks: Acks;
  readonly kernel: Kernel;
  readonly mss: number;
}

export class Acknowledger {
  readonly #options: AckOptions;
  readonly #receiver: Receiver;
  readonly #channel: Channel;
  readonly #due: Float64Array;
  readonly #slot: number;
  #phase = 0;
  #quick = 0;
  /** How often this end answered promptly. */
  #answers = 0;
  #lastData = 0;
  #acknowledged = 0;

  constructor(
    options: AckOptions,
    path: { receiver: Receiver; channel: Channel },
    due: Float64Array,
    slot: number,
  ) {
    this.#options = options;
    this.#receiver = path.receiver;
    this.#channel = path.channel;
    this.#due = due;
    this.#slot = slot;
  }

  restart(phase: number): void {
    this.#phase = phase;
    this.#quick = quickAcks;
    this.#answers = 0;
    this.#lastData = Number.NEGATIVE_INFINITY;
    this.#acknowledged = 0;
  }

  /** A segment of data came. `isNew`: none of it had come before. `hadGap`: there was a gap before it came. */
  received(now: number, isNew: boolean, hadGap: boolean): void {
    if (!isNew) {
      // tcp_enter_quickack_mode
      this.#quick = quickAcks;
      this.#answers = 0;
      return this.send(now, Flag.duplicate);
    }
    this.#lastData = now;
    const waiting = this.#receiver.next - this.#acknowledged;
    if (hadGap || this.#receiver.rangeCount > 0 || waiting > this.#options.mss || this.#isQuick()) {
      return this.send(now, 0);
    }
    if (this.#due[this.#slot] === Number.POSITIVE_INFINITY) {
      this.#due[this.#slot] = fires(this.#options.kernel, this.#phase, now, delay);
    }
  }

  /** Sends a packet that only acknowledges. */
  send(now: number, flags: number): void {
    this.carried();
    this.#channel.send(now, flags, 0, 0);
  }

  /** A packet that is being sent acknowledges what came so far. */
  carried(): void {
    this.#acknowledged = this.#receiver.next;
    this.#due[this.#slot] = Number.POSITIVE_INFINITY;
    if (this.#quick > 0) this.#quick--;
  }

  /** Data is being sent: an end that answers promptly is interactive, and its acknowledgements can wait. */
  answered(now: number): void {
    this.carried();
    if (now - this.#lastData < delay * 1000) this.#answers++;
  }

  /** Nothing came along that could have carried it. */
  expired(now: number): void {
    this.#answers = 0;
    this.send(now, 0);
  }

  #isQuick(): boolean {
    if (this.#options.acks !== "kernel") return this.#options.acks === "quick";
    return this.#quick > 0 && this.#answers < this.#options.kernel.pingPongs;
  }
}
