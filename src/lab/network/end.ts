/** One host's end of a connection: the three-way handshake, and the application that follows its script. */
import { Acknowledger } from "./acks.ts";
import { type Channel, Flag } from "./channel.ts";
import { fires, type Kernel, kernels } from "./kernel.ts";
import type { Host } from "./network.ts";
import type { Program } from "./program.ts";
import type { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";

/** Microseconds until a SYN or SYN-ACK is repeated, and how often (`tcp_syn_retries`, `tcp_synack_retries`). */
const firstTimeout = 1_000_000;
const synRetries = 6;
const synAckRetries = 5;

/** Processors: when is work done that is asked for now? */
export interface Processors {
  /** Begins work as soon as it can. @returns the time at which `work` ns are done; times in ns */
  take(now: number, work: number): number;
}

/** The places of one end's timers in the table of what is due. */
export interface Slots {
  readonly sender: number;
  readonly acks: number;
  readonly application: number;
}

export class End {
  readonly receiver: Receiver;
  readonly sender: Sender;
  /** When the connection stood, in ns; NaN: it does not yet. */
  connected = Number.NaN;
  failed = false;
  /** How many steps are done, and when each was. */
  step = 0;
  done = new Float64Array(8);
  processors: Processors | undefined;
  readonly #role: "client" | "server";
  readonly #kernel: Kernel;
  readonly #outgoing: Channel;
  readonly #acks: Acknowledger;
  readonly #mss: number;
  readonly #due: Float64Array;
  readonly #slots: Slots;
  #program: Program;
  #phase = 0;
  /** When the last SYN or SYN-ACK was sent. */
  #asked = 0;
  /** Whether a server has heard a SYN. */
  #heard = false;
  /** Timeouts of the three-way handshake, and how often its packet was repeated for whatever reason. */
  #timeouts = 0;
  #repeats = 0;
  #isWorking = false;

  constructor(
    role: "client" | "server",
    host: Host,
    path: {
      readonly outgoing: Channel;
      readonly receiver: Receiver;
      readonly mss: number;
      readonly offload: boolean;
    },
    program: Program,
    table: { readonly due: Float64Array; readonly slots: Slots },
  ) {
    const kernel: Kernel = kernels[host.kernel ?? "linux-6.12"];
    const { mss, outgoing } = path;
    const { due, slots } = table;
    this.#role = role;
    this.#kernel = kernel;
    this.#outgoing = outgoing;
    this.#mss = mss;
    this.#due = due;
    this.#slots = slots;
    this.#program = program;
    this.receiver = path.receiver;
    this.#acks = new Acknowledger(
      { acks: host.acks ?? "kernel", kernel, mss },
      { receiver: path.receiver, channel: outgoing },
      due,
      slots.acks,
    );
    this.sender = new Sender(
      {
        mss,
        kernel,
        initialWindow: host.initialWindow ?? 10,
        nagle: host.nagle ?? false,
        offload: path.offload,
      },
      { channel: outgoing, acks: this.#acks },
      due,
      slots.sender,
    );
  }

  /** Forgets everything. `phase`: how far the ticks of this host's kernel are shifted, in ns. */
  restart(phase: number): void {
    this.connected = Number.NaN;
    this.failed = false;
    this.step = 0;
    if (this.done.length < this.#program.count) this.done = new Float64Array(this.#program.count);
    this.done.fill(Number.NaN);
    this.receiver.restart();
    this.#acks.restart(phase);
    this.sender.restart(phase);
    this.#phase = phase;
    this.#asked = 0;
    this.#heard = false;
    this.#timeouts = 0;
    this.#repeats = 0;
    this.#isWorking = false;
    this.#due[this.#slots.sender] = Number.POSITIVE_INFINITY;
    this.#due[this.#slots.acks] = Number.POSITIVE_INFINITY;
    this.#due[this.#slots.application] = Number.POSITIVE_INFINITY;
  }

  /** A client sends its SYN. */
  connect(now: number): void {
    this.#ask(now, Flag.syn, firstTimeout);
  }

  /** A packet has arrived; it is the one that `incoming` took last. */
  arrive(now: number, incoming: Channel): void {
    if (Number.isNaN(this.connected) && !this.#shakeHands(now, incoming)) return;
    // The other end has not heard our acknowledgement
    if (incoming.flags & Flag.syn) return this.#acks.send(now, 0);
    this.sender.acknowledge(now, incoming);
    this.sender.push(now);
    if (incoming.flags & Flag.data) this.#takeData(now, incoming);
    if (!this.#isWorking) this.#advance(now);
  }

  /** The sender's timer, or that of the three-way handshake, has run out. */
  timerExpired(now: number): void {
    if (!Number.isNaN(this.connected)) {
      this.sender.expired(now);
      this.failed = this.sender.failed;
      return;
    }
    this.#due[this.#slots.sender] = Number.POSITIVE_INFINITY;
    this.#timeouts++;
    if (this.#role === "server") {
      if (this.#timeouts <= synAckRetries) return this.#askAgain(now, this.#timeouts);
      this.#heard = false;
    } else if (this.#timeouts <= synRetries) {
      this.#askAgain(now, Math.max(0, this.#timeouts - this.#kernel.linearSyns));
    } else {
      this.failed = true;
    }
  }

  acksExpired(now: number): void {
    this.#acks.expired(now);
  }

  workDone(now: number): void {
    this.#due[this.#slots.application] = Number.POSITIVE_INFINITY;
    this.#isWorking = false;
    this.#perform(now);
    this.#advance(now);
  }

  /** The program has grown. */
  resume(now: number): void {
    if (!Number.isNaN(this.connected) && !this.#isWorking) this.#advance(now);
  }

  /** The application goes on with its program as far as it can. */
  #advance(now: number): void {
    const program = this.#program;
    while (this.step < program.count) {
      if (this.receiver.next < program.received[this.step]!) return;
      if (this.sender.una < program.acknowledged[this.step]!) return;
      const work = program.work[this.step]!;
      if (work > 0) {
        const until = this.processors === undefined ? now + work : this.processors.take(now, work);
        if (until > now) {
          this.#isWorking = true;
          this.#due[this.#slots.application] = until;
          return;
        }
      }
      this.#perform(now);
    }
  }

  #perform(now: number): void {
    const step = this.step++;
    if (step >= this.done.length) {
      const grown = new Float64Array(2 * this.done.length);
      grown.set(this.done);
      this.done = grown;
    }
    this.done[step] = now;
    const bytes = this.#program.writes[step]!;
    if (bytes === 0) return;
    this.sender.written += bytes;
    this.sender.push(now);
  }

  /** SYN, SYN-ACK, and what answers it. @returns whether the packet is to be looked at further */
  #shakeHands(now: number, incoming: Channel): boolean {
    const isSyn = (incoming.flags & Flag.syn) !== 0;
    if (this.#role === "server" && isSyn) {
      if (this.#heard) {
        this.#askAgain(now, this.#timeouts);
      } else {
        this.#heard = true;
        this.#timeouts = 0;
        this.#ask(now, Flag.syn, firstTimeout);
      }
      return false;
    }
    if (this.#role === "server" ? !this.#heard : !isSyn) return false;
    this.#due[this.#slots.sender] = Number.POSITIVE_INFINITY;
    this.connected = now;
    // Timestamps tell which of several SYNs is answered
    this.sender.roundTrip.sample(Math.floor((now - this.#asked) / 1000), 0, 0);
    this.sender.limit = incoming.window;
    if (this.#repeats > 1) this.sender.beginSmall();
    if (!isSyn) return true;
    this.#acks.send(now, 0);
    this.#advance(now);
    return false;
  }

  #askAgain(now: number, doublings: number): void {
    this.#repeats++;
    this.#ask(now, Flag.syn | Flag.retransmission, firstTimeout * 2 ** doublings);
  }

  #ask(now: number, flags: number, timeout: number): void {
    this.#asked = now;
    this.#outgoing.send(now, flags, 0, 0);
    this.#due[this.#slots.sender] = fires(this.#kernel, this.#phase, now, timeout);
  }

  #takeData(now: number, incoming: Channel): void {
    const { receiver } = this;
    const before = receiver.next;
    const end = incoming.start + incoming.length;
    for (let start = incoming.start; start < end; start += this.#mss) {
      const hadGap = receiver.rangeCount > 0;
      const isNew = receiver.take(start, Math.min(start + this.#mss, end));
      this.#acks.received(now, isNew, hadGap);
    }
    if (receiver.next === before) return;
    receiver.adjust(now, this.sender.roundTrip.smoothed * 1000);
  }
}
