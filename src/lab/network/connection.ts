/**
 * A connection in virtual time: two ends, the two directions between them, and what is due next. There are never
 * more than eight things to wait for (a packet in each direction, and three timers of each end), so a table is
 * searched for the earliest, and no queue of events is kept. Times are whole nanoseconds. Of things due at the same
 * time the one that stands first in the table comes first.
 */
import { Channel } from "./channel.ts";
import { draw, keyOf } from "./draws.ts";
import { End, type Slots } from "./end.ts";
import { checkNetwork, type Network } from "./network.ts";
import type { Line } from "./simulated-link.ts";
import type { Program } from "./program.ts";
import { Receiver } from "./receiver.ts";

const toServer = 0;
const toClient = 1;
const clientSlots: Slots = { sender: 2, acks: 3, application: 4 };
const serverSlots: Slots = { sender: 5, acks: 6, application: 7 };

/** The ticks of two kernels are shifted against each other by up to so many ns: enough for the coarsest timer met. */
const phases = 4_000_000 * 4096;

/** How many steps each end must have done. */
export interface Goal {
  readonly client: number;
  readonly server: number;
}

export class Connection {
  readonly up: Channel;
  readonly down: Channel;
  readonly client: End;
  readonly server: End;

  readonly #due = new Float64Array(8);
  readonly #ticksTogether: boolean;

  /** `lines`: what packets of several connections wait for, one after another. Default: those of this one. */
  constructor(
    network: Network,
    programs: { client: Program; server: Program },
    lines?: { readonly up: Line; readonly down: Line },
  ) {
    checkNetwork(network);
    const { mss = 1448, headers = 66, unit = "gso" } = network;
    const clientReceiver = new Receiver(mss, network.client?.receiveWindow);
    const serverReceiver = new Receiver(mss, network.server?.receiveWindow);
    const sizes = { mss, headers };
    this.#ticksTogether = network.ticks === "shared";
    const up = { link: network.up, ...sizes, line: lines?.up };
    const down = { link: network.down, ...sizes, line: lines?.down };
    this.up = new Channel(up, clientReceiver, this.#due, toServer);
    this.down = new Channel(down, serverReceiver, this.#due, toClient);
    const common = { mss, offload: unit === "gso" };
    this.client = new End(
      "client",
      network.client ?? {},
      { ...common, outgoing: this.up, receiver: clientReceiver },
      programs.client,
      { due: this.#due, slots: clientSlots },
    );
    this.server = new End(
      "server",
      network.server ?? {},
      { ...common, outgoing: this.down, receiver: serverReceiver },
      programs.server,
      { due: this.#due, slots: serverSlots },
    );
  }

  /** Begins anew, at `now`: everything that happens follows from the seed. */
  start(seed: number, now: number): void {
    this.up.restart(seed);
    this.down.restart(seed);
    const key = keyOf(seed, 8);
    const phase = (end: number): number => Math.floor((draw(key, end) / 2 ** 32) * phases);
    this.client.restart(phase(0));
    this.server.restart(phase(this.#ticksTogether ? 0 : 1));
    this.client.connect(now);
  }

  /** Lets things happen until each end has done so many steps. @returns when; NaN: the connection failed */
  run(goal: Goal): number {
    const { client, server } = this;
    let now = 0;
    while (client.step < goal.client || server.step < goal.server) {
      now = this.advance();
      if (now === Number.POSITIVE_INFINITY || client.failed || server.failed) return Number.NaN;
    }
    return now;
  }

  /** Why the connection failed. */
  failure(): string {
    if (Number.isNaN(this.client.connected)) return "no answer to the client's SYN";
    if (this.client.failed) return "no acknowledgement of what the client sent";
    if (this.server.failed) return "no acknowledgement of what the server sent";
    return "both ends wait for each other";
  }

  /** When the next thing happens; infinity: never. */
  next(): number {
    const due = this.#due;
    return Math.min(due[0]!, due[1]!, due[2]!, due[3]!, due[4]!, due[5]!, due[6]!, due[7]!);
  }

  /** Lets the next thing happen. @returns when, or infinity if there was none */
  advance(): number {
    const due = this.#due;
    let slot = 0;
    let now = due[0]!;
    for (let other = 1; other < 8; other++) {
      const at = due[other]!;
      if (at < now) {
        now = at;
        slot = other;
      }
    }
    if (now === Number.POSITIVE_INFINITY) return now;
    switch (slot) {
      case toServer:
        this.up.take();
        this.server.arrive(now, this.up);
        break;
      case toClient:
        this.down.take();
        this.client.arrive(now, this.down);
        break;
      case clientSlots.sender:
        this.client.timerExpired(now);
        break;
      case clientSlots.acks:
        this.client.acksExpired(now);
        break;
      case clientSlots.application:
        this.client.workDone(now);
        break;
      case serverSlots.sender:
        this.server.timerExpired(now);
        break;
      case serverSlots.acks:
        this.server.acksExpired(now);
        break;
      default:
        this.server.workDone(now);
    }
    return now;
  }
}
