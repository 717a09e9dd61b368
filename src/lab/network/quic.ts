/**
 * The handshake's bytes over QUIC. This is a model of flights and no stack: it shows where datagrams, padding, the limit
 * of amplification, the window and lost packets cost round trips, and nothing of what is inside a frame. Both ends
 * acknowledge at once; paths have a delay, a rate and losses.
 */
import * as check from "../../registry/check.ts";
import { keyOf } from "./draws.ts";
import { Losses } from "./loss.ts";
import { type Link, linkTable } from "./network.ts";
import { type Datagram, QuicEnd } from "./quic-end.ts";
import type { Traffic } from "./runner.ts";

/** One direction of a path, as far as the model has it: no jitter, and no queue in bytes. */
export type QuicLink = Pick<Link, "delay" | "rate" | "limit" | "loss">;

/** A path. Its ends have no kernels, and their datagrams are {@link QuicOptions}. */
export interface QuicNetwork {
  /** From the client to the server. */
  readonly up: QuicLink;
  /** From the server to the client. */
  readonly down: QuicLink;
}

const checkLink = check.complete(
  {
    delay: linkTable.delay,
    rate: linkTable.rate,
    limit: linkTable.limit,
    loss: linkTable.loss,
  } satisfies check.OptionTable<QuicLink>,
  "write { delay }; the model of QUIC has delay, rate, limit and loss",
  ["delay"],
);
const checkNetwork = check.complete(
  { up: checkLink, down: checkLink } satisfies check.OptionTable<QuicNetwork>,
  "write { up: { delay }, down: { delay } }",
  ["up", "down"],
);

/** Sizes in bytes, of handshake messages with their headers and without records; work in ms. */
export interface QuicHandshake {
  /** The ClientHello. */
  readonly clientHello: number;
  /** The ServerHello. */
  readonly serverHello: number;
  /** EncryptedExtensions to Finished. */
  readonly serverFlight: number;
  /** The client's certificate, if it has one, and Finished. */
  readonly clientFlight: number;
  /** What the client asks with its flight, and the server's answer. Default: nothing is asked. */
  readonly request?: number;
  /** The server's answer to the request. Default: none. */
  readonly payload?: number;
  /** Of the server before its flight, and of the client after it. Default 0. */
  readonly serverWork?: number;
  /** Of the client after the server's flight. Default 0. */
  readonly clientWork?: number;
}

/** The limits of both QUIC ends. */
export interface QuicOptions {
  /** Bytes of UDP payload in a full datagram. Default 1200, the least that QUIC asks for (RFC 9000 §14). */
  readonly datagram?: number;
  /** Datagrams before the first acknowledgement. Default 10 (RFC 9002 §7.2). */
  readonly initialWindow?: number;
  /**
   * How many times the bytes received a server sends before it knows the client's address. Default 3
   * (RFC 9000 §8.1); infinity: it knows it, by a token or a Retry.
   */
  readonly amplification?: number;
}

/** What came of one run over QUIC. */
export interface QuicOutcome {
  /** ms from the first datagram to the end of the client's handshake; NaN: it failed. */
  readonly finished: number;
  /** To the end of the server's: the handshake is confirmed. */
  readonly serverFinished: number;
  /** To the last byte of the payload; NaN where there is none. */
  readonly lastByte: number;
  /** Datagrams and bytes of UDP payload. */
  readonly up: Traffic;
  /** From the server to the client. */
  readonly down: Traffic;
  /** ms for which the limit of amplification held the server back. */
  readonly blocked: number;
}

const message = check.whole(1, 2 ** 24, " bytes");
const data = check.whole(0, 2 ** 24, " bytes");
const work = check.number(0, 3_600_000, " milliseconds");
const checkHandshake = check.complete(
  {
    clientHello: message,
    serverHello: message,
    serverFlight: message,
    clientFlight: message,
    request: data,
    payload: data,
    serverWork: work,
    clientWork: work,
  } satisfies check.OptionTable<QuicHandshake>,
  "give the size of every message",
  ["clientHello", "serverHello", "serverFlight", "clientFlight"],
);

const optionTable = {
  datagram: check.whole(1200, 65_527, " bytes"),
  initialWindow: check.whole(2, 10_000, " datagrams"),
  amplification: (value, where) => {
    if (value !== Infinity) check.number(1)(value, where);
  },
} satisfies check.OptionTable<QuicOptions>;

/** A network and a handshake's sizes over QUIC, made ready to be run often. A run depends on nothing but its seed. */
export class QuicRunner {
  readonly #network: QuicNetwork;
  readonly #handshake: QuicHandshake;
  readonly #options: Required<QuicOptions>;

  /** @throws TypeError for a field that the model has not, missing or of the wrong type, RangeError for a wrong value */
  constructor(network: QuicNetwork, handshake: QuicHandshake, options: QuicOptions = {}) {
    checkNetwork(network, "network");
    checkHandshake(handshake, "handshake");
    check.checkOptions("QuicRunner", options, optionTable);
    const { datagram = 1200, initialWindow = 10, amplification = 3 } = options;
    this.#network = network;
    this.#handshake = handshake;
    this.#options = { datagram, initialWindow, amplification };
  }

  /** One run: everything that is lost follows from the seed. */
  run(seed: number): QuicOutcome {
    return new Flights(this.#network, this.#handshake, this.#options, seed).run();
  }

  /** Runs with the seeds of repetitions 0, 1, 2 and so on. @returns ms to the end of the client's handshake */
  sample(count: number, seedOf: (repetition: number) => number): Float64Array {
    return Float64Array.from({ length: count }, (_, at) => this.run(seedOf(at)).finished);
  }
}

/** One conversation. Times in ms. */
class Flights {
  readonly #handshake: Required<QuicHandshake>;
  readonly #up: Way;
  readonly #down: Way;
  readonly #client: QuicEnd;
  readonly #server: QuicEnd;
  /** When the work of each end is done that is under way. */
  #clientWorks = Number.POSITIVE_INFINITY;
  #serverWorks = Number.POSITIVE_INFINITY;
  #hasHello = false;
  #hasFlight = false;
  #hasRequest = false;
  #finished = Number.NaN;
  #serverFinished = Number.NaN;
  #lastByte = Number.NaN;

  constructor(
    network: QuicNetwork,
    handshake: QuicHandshake,
    options: Required<QuicOptions>,
    seed: number,
  ) {
    this.#handshake = { request: 0, payload: 0, serverWork: 0, clientWork: 0, ...handshake };
    this.#up = new Way(network.up, keyOf(seed, 0));
    this.#down = new Way(network.down, keyOf(seed, 2));
    const send = (way: Way) => (now: number, datagram: Datagram) => way.send(now, datagram);
    this.#client = new QuicEnd({ ...options, role: "client", send: send(this.#up) });
    this.#server = new QuicEnd({ ...options, role: "server", send: send(this.#down) });
  }

  run(): QuicOutcome {
    this.#client.say(0, 0, this.#handshake.clientHello);
    for (let now = 0; !this.#isOver();) {
      now = this.#next();
      if (now === Number.POSITIVE_INFINITY) break;
      if (now === this.#up.next()) this.#atServer(now);
      else if (now === this.#down.next()) this.#atClient(now);
      else if (now === this.#serverWorks) this.#serverSpeaks(now);
      else if (now === this.#clientWorks) this.#clientSpeaks(now);
      else if (now === this.#client.timer) this.#client.expired(now);
      else this.#server.expired(now);
    }
    return {
      finished: this.#finished,
      serverFinished: this.#serverFinished,
      lastByte: this.#lastByte,
      up: this.#up.traffic,
      down: this.#down.traffic,
      blocked: this.#server.blocked,
    };
  }

  #isOver(): boolean {
    if (this.#client.failed || this.#server.failed) return true;
    return !Number.isNaN(this.#handshake.payload > 0 ? this.#lastByte : this.#serverFinished);
  }

  #next(): number {
    return Math.min(
      this.#up.next(),
      this.#down.next(),
      this.#serverWorks,
      this.#clientWorks,
      this.#client.timer,
      this.#server.timer,
    );
  }

  #atServer(now: number): void {
    const { clientHello, clientFlight, serverWork, request, payload } = this.#handshake;
    const server = this.#server;
    server.receive(now, this.#up.take());
    if (!this.#hasHello && server.arrived(0) >= clientHello) {
      this.#hasHello = true;
      this.#serverWorks = now + serverWork;
    }
    if (Number.isNaN(this.#serverFinished) && server.arrived(1) >= clientFlight) {
      this.#serverFinished = now;
      server.unlock(2);
    }
    const isAsked = !Number.isNaN(this.#serverFinished) && server.arrived(2) >= request;
    if (payload > 0 && isAsked && !this.#hasRequest) {
      this.#hasRequest = true;
      server.say(now, 2, payload);
    }
    // Work that takes no time answers in the datagram that acknowledges
    if (this.#serverWorks !== now) server.flush(now);
  }

  #serverSpeaks(now: number): void {
    this.#serverWorks = Number.POSITIVE_INFINITY;
    this.#server.add(0, this.#handshake.serverHello);
    this.#server.say(now, 1, this.#handshake.serverFlight);
  }

  #atClient(now: number): void {
    const { serverHello, serverFlight, clientWork, payload } = this.#handshake;
    const client = this.#client;
    client.receive(now, this.#down.take());
    const hasHello = client.arrived(0) >= serverHello;
    if (hasHello) client.unlock(1);
    if (hasHello && !this.#hasFlight && client.arrived(1) >= serverFlight) {
      this.#hasFlight = true;
      this.#clientWorks = now + clientWork;
    }
    if (payload > 0 && client.arrived(2) >= payload) this.#lastByte = now;
    if (this.#clientWorks !== now) client.flush(now);
  }

  #clientSpeaks(now: number): void {
    const { clientFlight, request, payload } = this.#handshake;
    this.#clientWorks = Number.POSITIVE_INFINITY;
    this.#finished = now;
    this.#client.unlock(2);
    if (payload > 0) this.#client.add(2, request);
    this.#client.say(now, 1, clientFlight);
  }
}

/** IPv4, UDP and Ethernet. */
const headers = 42;

/** One direction: datagrams in their order. */
class Way {
  readonly #link: QuicLink;
  readonly #losses: Losses | undefined;
  readonly #inside: { readonly arrives: number; readonly datagram: Datagram }[] = [];
  #free = 0;
  #packets = 0;
  #lost = 0;
  #bytes = 0;

  constructor(link: QuicLink, key: number) {
    this.#link = link;
    this.#losses = link.loss && new Losses(link.loss);
    this.#losses?.restart(key);
  }

  get traffic(): Traffic {
    return { packets: this.#packets, lost: this.#lost, bytes: this.#bytes };
  }

  send(now: number, datagram: Datagram): void {
    this.#packets++;
    this.#bytes += datagram.size;
    const { delay, rate, limit = 1000 } = this.#link;
    if (this.#losses?.next(true) || this.#inside.length >= limit) {
      this.#lost++;
      return;
    }
    const takes = rate === undefined ? 0 : ((datagram.size + headers) * 8) / (1000 * rate);
    this.#free = Math.max(this.#free, now) + takes;
    this.#inside.push({ arrives: this.#free + delay, datagram });
  }

  next(): number {
    return this.#inside[0]?.arrives ?? Number.POSITIVE_INFINITY;
  }

  take(): Datagram {
    return this.#inside.shift()!.datagram;
  }
}
