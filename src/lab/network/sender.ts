/**
 * What one end sends, and sends again: as Linux's tcp_output.c, tcp_input.c and tcp_recovery.c do it, as far as a
 * handshake can tell. Segments under way stand in columns, in the order of their bytes. One timer serves the
 * retransmission timeout, the loss probe (RFC 8985 §7) and reordering (RFC 8985 §6.2), as in the kernel.
 *
 * Left out, since it takes a path that reorders or marks: undoing a window after a needless retransmission (F-RTO's
 * aside), RACK's adaptive window, ECN. Left out, since a handshake does not come to it: pacing, urgent data, SACK
 * reneging, MTU probing.
 */
import type { Acknowledger } from "./acks.ts";
import { type Channel, Flag } from "./channel.ts";
import { Cubic } from "./cubic.ts";
import type { Kernel } from "./kernel.ts";
import { microseconds, Rack } from "./rack.ts";
import { RateReduction } from "./rate-reduction.ts";
import { RoundTrip } from "./round-trip.ts";
import { Segments } from "./segments.ts";
import { Timer } from "./timer.ts";

/** Congestion states (RFC 5681), by Linux's names. */
type State = "open" | "disorder" | "recovery" | "loss";

/** Timeouts in a row after which a connection is given up (`tcp_retries2`). */
const maximumRetries = 15;
/** What a probe of a single segment waits for a delayed acknowledgement, in microseconds. */
const probeDelay = 200_000;
/** ns within which an end has sent just now. */
const recent = 1_000_000;
/** The most that one packet may hold, in bytes. */
const largestPacket = 65_535;

export interface SenderOptions {
  readonly mss: number;
  readonly initialWindow: number;
  readonly nagle: boolean;
  readonly kernel: Kernel;
  /** Whether a packet may hold several segments. */
  readonly offload: boolean;
}

export class Sender {
  /** Bytes that were acknowledged, sent, and written by the application. */
  una = 0;
  nxt = 0;
  written = 0;
  /** How far the other end's window reaches. */
  limit = 0;
  failed = false;
  readonly roundTrip: RoundTrip;

  readonly #options: SenderOptions;
  readonly #mss: number;
  readonly #channel: Channel;
  readonly #acks: Acknowledger;
  readonly #timer: Timer;
  readonly #cubic = new Cubic();
  readonly #segments = new Segments();
  readonly #rack: Rack;
  readonly #reduction = new RateReduction();

  #state: State = "open";
  /** What was sent when the state changed. */
  #high = 0;
  #retries = 0;
  #frto = false;
  /** Where the last segment that was not full ends. */
  #smallEnd = 0;
  /** When new data was sent last. */
  #lastSent = 0;
  // Before the last reduction
  #priorWindow = 0;
  #priorThreshold = 0;
  // The loss probe under way; -1: none
  #probeEnd = -1;
  #probeWasNew = false;
  // Whether the window is what holds the sender back (`tcp_cwnd_validate`)
  #isLimited = false;
  #mostOut = 0;
  #usageEnd = 0;
  // What the acknowledgement at hand brought
  #hasSacks = false;
  #hasOriginal = false;
  #sackedSince = 0;
  #ackedSince = 0;
  #newestSent = 0;

  constructor(
    options: SenderOptions,
    path: { channel: Channel; acks: Acknowledger },
    due: Float64Array,
    slot: number,
  ) {
    this.#options = options;
    this.#mss = options.mss;
    this.#channel = path.channel;
    this.#acks = path.acks;
    this.#timer = new Timer(options.kernel, due, slot);
    this.roundTrip = new RoundTrip(options.kernel.jiffy);
    this.#rack = new Rack(this.#segments, this.roundTrip);
  }

  restart(phase: number): void {
    this.una = 0;
    this.nxt = 0;
    this.written = 0;
    this.limit = 0;
    this.failed = false;
    this.roundTrip.restart();
    this.#cubic.restart(this.#options.initialWindow);
    this.#timer.restart(phase);
    this.#segments.restart();
    this.#rack.restart();
    this.#state = "open";
    this.#high = 0;
    this.#retries = 0;
    this.#frto = false;
    this.#smallEnd = 0;
    this.#lastSent = Number.NEGATIVE_INFINITY;
    this.#priorWindow = 0;
    this.#priorThreshold = 0;
    this.#probeEnd = -1;
    this.#probeWasNew = false;
    this.#isLimited = false;
    this.#mostOut = 0;
    this.#usageEnd = 0;
  }

  /** The connection took more than one repetition: it begins with one segment (`tcp_init_transfer`). */
  beginSmall(): void {
    this.#cubic.window = 1;
  }

  /** Sends what the windows allow of what was written. */
  push(now: number): void {
    if (this.nxt === this.written) return;
    const hadNone = this.#segments.out === 0;
    const began = this.nxt;
    this.#isLimited = false;
    while (this.nxt < this.written && this.#sendNew(now));
    if (this.nxt === began) return;
    const out = this.#segments.out;
    if (this.una >= this.#usageEnd || this.#isLimited || out > this.#mostOut) {
      this.#mostOut = out;
      this.#usageEnd = this.nxt;
    }
    if (hadNone || this.#timer.purpose === "probe") this.#setTimeout(now);
    this.#setProbe(now, false);
  }

  /** The other end's packet acknowledges; it is the one that `arrived` took last. */
  acknowledge(now: number, arrived: Channel): void {
    const acknowledged = arrived.acknowledges;
    if (acknowledged < this.una) return;
    this.limit = Math.max(this.limit, acknowledged + arrived.window);
    if (this.#segments.out === 0) return;

    const advances = acknowledged > this.una;
    const undelivered = this.#segments.out - this.#segments.sacked;
    this.#hasSacks = false;
    this.#hasOriginal = false;
    this.#ackedSince = -1;
    this.#newestSent = -1;
    for (let block = 0; block < arrived.blockCount; block++) {
      this.#takeBlock(now, arrived.blocks[2 * block]!, arrived.blocks[2 * block + 1]!);
    }
    if (advances) this.#takeAcknowledged(now, acknowledged);
    const delivered = undelivered - (this.#segments.out - this.#segments.sacked);
    this.#sample(now);
    if (this.#probeEnd >= 0) {
      const isNews = advances || this.#hasSacks || (arrived.flags & Flag.data) !== 0;
      this.#endProbe(acknowledged, (arrived.flags & Flag.duplicate) !== 0, isNews);
    }

    const wereLost = this.#segments.lost;
    const isTimerSet =
      this.#hasSacks || this.#state !== "open" ? this.#consider(now, advances) : false;
    if (advances && !isTimerSet && !this.#setProbe(now, true)) this.#setTimeout(now);
    if (this.#state === "recovery") {
      this.#reduce(delivered, advances && this.#segments.lost <= wereLost);
    } else if (advances && this.#mayGrow()) {
      this.#cubic.grow(now, delivered);
    }
    if (this.#segments.lost > this.#segments.resent) this.#recover(now);
  }

  /** The timer has run out. */
  expired(now: number): void {
    const { purpose } = this.#timer;
    this.#timer.stop();
    if (this.#segments.out === 0) return;
    if (purpose === "timeout") this.#timedOut(now);
    else if (purpose === "probe") this.#probe(now);
    else if (purpose === "reordering") this.#reorderingExpired(now);
  }

  /** How many segments one packet may hold: what the pace brings in a millisecond (`tcp_tso_autosize`). */
  #packetSize(): number {
    if (!this.#options.offload) return 1;
    const { window, threshold } = this.#cubic;
    const pace = Math.max(window, this.#segments.out) * (window < threshold / 2 ? 2 : 1.2);
    const segments = (pace * 1e6) / (1024 * Math.max(1, this.roundTrip.smoothed));
    return Math.max(2, Math.floor(Math.min(segments, largestPacket / this.#mss)));
  }

  /** Sends one packet of new data. @returns whether it might send another */
  #sendNew(now: number): boolean {
    const room = this.#cubic.window - this.#segments.inFlight;
    if (room <= 0) {
      this.#isLimited = true;
      return false;
    }
    const mss = this.#mss;
    const allowed = this.limit - this.nxt;
    const rest = this.written - this.nxt;
    const most = this.#packetSize();
    if (room < most && rest > mss && this.#defers(now, room)) return false;
    let length = Math.min(rest, Math.min(room, most) * mss);
    if (length > allowed) {
      // A window smaller than a segment is used only when nothing is under way (RFC 9293 §3.8.6.2.1)
      if (allowed < mss && (this.#segments.out > 0 || allowed <= 0)) return false;
      length = allowed < mss ? allowed : allowed - (allowed % mss);
    }
    const partial = length % mss;
    if (partial > 0) {
      const waits = this.#options.nagle && this.#segments.out > 0 && this.#smallEnd > this.una;
      if (waits) length -= partial;
      else this.#smallEnd = this.nxt + length;
      if (length === 0) return false;
    }
    this.#sendPacket(now, length);
    return true;
  }

  /**
   * Whether a packet that could hold more waits for the next acknowledgement: one was sent just now, less than a third of
   * the window is free, and something has been under way for half a round trip (`tcp_tso_should_defer`).
   */
  #defers(now: number, room: number): boolean {
    if (this.#state === "recovery" || this.#state === "loss") return false;
    if (now - this.#lastSent > recent || this.#segments.out === 0) return false;
    if (room >= Math.floor(this.#cubic.window / 3)) return false;
    return now - this.#segments.sentAt(this.#segments.first) >= 500 * this.roundTrip.smoothed;
  }

  #sendPacket(now: number, length: number): void {
    const start = this.nxt;
    this.#lastSent = now;
    const end = start + length;
    this.#segments.add(now, start, end, this.#mss);
    this.nxt = end;
    if (this.#state === "recovery") this.#reduction.count(Math.ceil(length / this.#mss));
    this.#acks.answered(now);
    this.#channel.send(now, Flag.data, start, length);
  }

  /** Sends segments again, in one packet. */
  #resend(now: number, index: number, count: number, marks: "resent" | "probe"): void {
    const segments = this.#segments;
    segments.sendAgain(now, index, count, marks);
    const start = segments.startOf(index);
    this.#acks.carried();
    this.#channel.send(
      now,
      Flag.data | Flag.retransmission,
      start,
      segments.endOf(index + count - 1) - start,
    );
  }

  /** Sends lost segments again, as far as the window goes (`tcp_xmit_retransmit_queue`). */
  #resendLost(now: number): void {
    const segments = this.#segments;
    for (let index = segments.first; index < segments.last;) {
      const room = this.#cubic.window - segments.inFlight;
      if (room <= 0) return;
      if (!segments.isToResend(index)) {
        index++;
        continue;
      }
      const count = segments.run(index, Math.min(room, this.#packetSize()));
      this.#resend(now, index, count, "resent");
      if (this.#state === "recovery") this.#reduction.count(count);
      if (index === segments.first && this.#timer.purpose !== "reordering") this.#startTimeout(now);
      index += count;
    }
  }

  /** Marks the segments of a SACK block. */
  #takeBlock(now: number, from: number, to: number): void {
    const segments = this.#segments;
    for (let index = segments.from(from); index < segments.last; index++) {
      if (segments.endOf(index) > to) return;
      if (segments.isSacked(index)) continue;
      this.#deliver(now, index, true);
      segments.markSacked(index);
      this.#hasSacks = true;
      this.#sackedSince = segments.sentAt(index);
    }
  }

  /** Takes segments off that are acknowledged up to there. */
  #takeAcknowledged(now: number, acknowledged: number): void {
    const segments = this.#segments;
    this.#retries = 0;
    while (segments.first < segments.last && segments.endOf(segments.first) <= acknowledged) {
      const index = segments.first;
      if (!segments.isSacked(index)) {
        this.#deliver(now, index, false);
        if (this.#ackedSince < 0) this.#ackedSince = segments.sentAt(index);
        this.#newestSent = segments.sentAt(index);
      }
      segments.shift();
    }
    this.una = acknowledged;
  }

  #deliver(now: number, index: number, isBeyondGap: boolean): void {
    const segments = this.#segments;
    if (!segments.wasResent(index) && segments.endOf(index) <= this.#high) this.#hasOriginal = true;
    this.#rack.deliver(now, index, isBeyondGap);
  }

  /** Round trips come from the oldest segment acknowledged; timestamps make those of retransmissions count (RFC 7323 §4.1). */
  #sample(now: number): void {
    const since =
      this.#ackedSince >= 0 ? this.#ackedSince : this.#hasSacks ? this.#sackedSince : -1;
    if (since < 0) return;
    this.roundTrip.sample(microseconds(now - since), this.una, this.nxt);
    const newest = this.#newestSent >= 0 ? this.#newestSent : this.#sackedSince;
    this.#cubic.observe(now, now - newest, this.una, this.nxt);
  }

  /** What the acknowledgement says of losses (`tcp_fastretrans_alert`). @returns whether the timer waits for reordering */
  #consider(now: number, advances: boolean): boolean {
    if (this.#state === "recovery" && this.una >= this.#high) {
      this.#cubic.window = this.#cubic.threshold;
      this.#state = "open";
    }
    if (this.#state === "loss") this.#considerTimeout(now, advances);
    const isTimerSet = this.#rack.hasAdvanced && this.#detectLosses(now);
    if (this.#state === "recovery" || this.#state === "loss") return isTimerSet;
    if (this.#segments.lost > 0) {
      this.#enterRecovery();
    } else {
      const state = this.#segments.sacked > 0 ? "disorder" : "open";
      if (state !== this.#state) this.#high = this.nxt;
      this.#state = state;
    }
    return isTimerSet;
  }

  /** After a timeout: was it real (F-RTO, RFC 5682 §3.1), and is it over? */
  #considerTimeout(now: number, advances: boolean): void {
    if (this.#frto) {
      if (this.#hasOriginal) return this.#undoTimeout();
      if (this.nxt > this.#high) {
        if (this.#hasSacks) this.#frto = false;
      } else if (advances && this.una < this.#high) {
        this.#high = this.nxt;
        // New data is sent instead of what seems lost
        this.push(now);
        if (this.nxt > this.#high) return;
        this.#frto = false;
      }
    }
    if (this.una >= this.#high) {
      this.#state = "open";
      this.#frto = false;
    }
  }

  #undoTimeout(): void {
    this.#segments.forgetLost();
    this.#cubic.window = Math.max(this.#cubic.window, this.#priorWindow);
    this.#cubic.threshold = this.#priorThreshold;
    this.#state = "open";
    this.#frto = false;
  }

  /** Looks for losses. @returns whether the timer was set, for what may only be late */
  #detectLosses(now: number): boolean {
    const isRepairing = this.#state === "recovery" || this.#state === "loss";
    const wait = this.#rack.detect(now, isRepairing);
    if (wait === 0) return false;
    this.#timer.set(now, "reordering", wait + this.#options.kernel.timeoutMinimum);
    return true;
  }

  #enterRecovery(): void {
    this.#high = this.nxt;
    this.#priorWindow = this.#cubic.window;
    this.#priorThreshold = this.#cubic.threshold;
    this.#reduction.begin(this.#cubic.window);
    this.#probeEnd = -1;
    this.#cubic.threshold = this.#cubic.reduced();
    this.#state = "recovery";
  }

  /** The window while losses are repaired. */
  #reduce(delivered: number, isSafe: boolean): void {
    const { inFlight } = this.#segments;
    const { threshold } = this.#cubic;
    this.#cubic.window = this.#reduction.next(inFlight, threshold, delivered, isSafe);
  }

  #recover(now: number): void {
    const isProbing = this.#state === "loss" && this.#frto && this.nxt > this.#high;
    if (!isProbing) this.#resendLost(now);
  }

  #mayGrow(): boolean {
    if (this.#isLimited) return true;
    return this.#cubic.inSlowStart && this.#cubic.window < 2 * this.#mostOut;
  }

  /** `tcp_enter_loss`: nothing that was sent counts as under way, and the first segment goes again. */
  #timedOut(now: number): void {
    if (++this.#retries > maximumRetries) {
      this.failed = true;
      return;
    }
    const isNew = this.#state !== "loss" && this.#state !== "recovery";
    if (isNew || this.una >= this.#high || (this.#state === "loss" && this.#retries === 1)) {
      this.#priorWindow = this.#cubic.window;
      this.#priorThreshold = this.#cubic.threshold;
      this.#cubic.threshold = this.#cubic.reduced();
    }
    this.#cubic.forget();
    const segments = this.#segments;
    for (let index = segments.first; index < segments.last; index++) {
      if (segments.isSacked(index)) continue;
      const isRecent =
        index !== segments.first &&
        this.#rack.trip - microseconds(now - segments.sentAt(index)) > 0;
      if (!isRecent) segments.markLost(index);
    }
    this.#cubic.window = this.#segments.inFlight + 1;
    this.#frto = isNew || this.#retries > 1;
    this.#state = "loss";
    this.#high = this.nxt;
    this.#probeEnd = -1;
    this.#resend(now, segments.first, 1, "resent");
    this.roundTrip.backOff();
    this.#startTimeout(now);
  }

  /** `tcp_send_loss_probe`: new data if there is some, else the last segment again. */
  #probe(now: number): void {
    if (this.#probeEnd < 0) {
      const size = Math.min(this.#mss, this.written - this.nxt, this.limit - this.nxt);
      this.#probeWasNew = size > 0;
      if (this.#probeWasNew) this.#sendPacket(now, size);
      else this.#resend(now, this.#segments.last - 1, 1, "probe");
      this.#probeEnd = this.nxt;
    }
    this.#setTimeout(now, true);
  }

  /** `tcp_process_tlp_ack` */
  #endProbe(acknowledged: number, isDuplicate: boolean, isNews: boolean): void {
    if (acknowledged < this.#probeEnd) return;
    if (this.#probeWasNew || isDuplicate) {
      this.#probeEnd = -1;
    } else if (acknowledged > this.#probeEnd) {
      // The probe repaired a loss that nothing else has noticed
      this.#cubic.threshold = this.#cubic.reduced();
      this.#cubic.window = this.#cubic.threshold;
      this.#probeEnd = -1;
    } else if (!isNews) {
      this.#probeEnd = -1;
    }
  }

  #reorderingExpired(now: number): void {
    const before = this.#segments.inFlight;
    const isTimerSet = this.#detectLosses(now);
    if (this.#segments.inFlight !== before) {
      if (this.#state === "open" || this.#state === "disorder") {
        this.#enterRecovery();
        this.#reduce(1, false);
      }
      this.#resendLost(now);
    }
    if (!isTimerSet && this.#timer.purpose === "none") this.#setTimeout(now, true);
  }

  /** Sets the timer for a loss probe, where one is due (`tcp_schedule_loss_probe`). */
  #setProbe(now: number, advances: boolean): boolean {
    const out = this.#segments.out;
    if (out === 0 || this.#state !== "open") return false;
    const extra = out === 1 ? probeDelay : this.#options.kernel.timeoutMinimum;
    let wait = 2 * this.roundTrip.smoothed + extra;
    const timeout = advances ? this.roundTrip.timeout : this.#untilTimeout(now);
    if (timeout > 0) wait = Math.min(wait, timeout);
    this.#timer.set(now, "probe", wait);
    return true;
  }

  /** Sets the timer for the retransmission timeout (`tcp_rearm_rto`), counted from now or from the first segment. */
  #setTimeout(now: number, isFromFirst = isForLosses(this.#timer.purpose)): void {
    if (this.#segments.out === 0) this.#timer.stop();
    else if (isFromFirst) this.#timer.set(now, "timeout", Math.max(1, this.#untilTimeout(now)));
    else this.#startTimeout(now);
  }

  #startTimeout(now: number): void {
    this.#timer.set(now, "timeout", this.roundTrip.timeout);
  }

  #untilTimeout(now: number): number {
    return this.roundTrip.timeout - microseconds(now - this.#segments.sentAt(this.#segments.first));
  }
}

/** Then the timeout goes on from the first segment. */
const isForLosses = (purpose: Timer["purpose"]): boolean =>
  purpose === "probe" || purpose === "reordering";
