/** A network as data: two directions of a path, and the two hosts at its ends. */
import { type KernelName, kernels } from "./kernel.ts";
import type { Loss } from "./loss.ts";

/** One direction of a path. */
export interface Link {
  /** Milliseconds from one end to the other: half of the round-trip time. */
  readonly delay: number;
  /** Mbit/s. Default: a packet takes no time of its own. */
  readonly rate?: number;
  /** Bytes that may wait for their turn, where there is a rate; more are dropped. Default: no limit. */
  readonly queue?: number;
  /** How many packets may be inside, waiting or under way; more are dropped. Default 1000, netem's. */
  readonly limit?: number;
  /** How much the delay varies. With a rate packets keep their order, as netem has it. */
  readonly jitter?: Jitter;
  /** Default: none. */
  readonly loss?: Loss;
}

/** How far a packet's delay strays from the link's. */
export interface Jitter {
  /** Milliseconds: of the normal distribution one deviation, of the uniform one the furthest. */
  readonly deviation: number;
  readonly distribution: "normal" | "uniform";
}

/** The host at one end. */
export interface Host {
  /** Default `linux-6.12`. */
  readonly kernel?: KernelName;
  /** Segments that may be sent before the first acknowledgement (RFC 6928). Default 10. */
  readonly initialWindow?: number;
  /** Whether a small segment waits for the acknowledgement of the last (RFC 896). Default false: TCP_NODELAY. */
  readonly nagle?: boolean;
  /**
   * When received data is acknowledged. `kernel` (the default): at once, until this end has answered promptly
   * and so counts as interactive, then every second segment or after 40 ms. `quick`: always at once. `delayed`: never at once.
   */
  readonly acks?: Acks;
  readonly receiveWindow?: ReceiveWindow;
}

/** When a host acknowledges the data that it receives; {@link Host} says what each means. */
export type Acks = "kernel" | "quick" | "delayed";

/** Bytes; `initial` equal to `maximum` is a window that does not grow. Defaults: 65535, and 6 MiB. */
export interface ReceiveWindow {
  readonly initial?: number;
  readonly maximum?: number;
}

/** A path between two hosts: both directions, both hosts, and what is common to them. */
export interface Network {
  /** From the client to the server. */
  readonly up: Link;
  /** From the server to the client. */
  readonly down: Link;
  readonly client?: Host;
  readonly server?: Host;
  /** Bytes of payload in a full segment. Default 1448: a path of 1500 bytes, IPv4, timestamps; 1460 without these. */
  readonly mss?: number;
  /** Bytes on the link beside the payload. Default 66: Ethernet, IPv4, TCP with timestamps. */
  readonly headers?: number;
  /**
   * What a packet is to the link, so what is lost or dropped together. `gso` (the default): what the kernel hands
   * down, often two segments or more, as netem sees it even where every offload is off. `segment`: each for itself.
   */
  readonly unit?: "gso" | "segment";
  /**
   * Whether the timers of both kernels tick together. `shared`: one machine, as with network namespaces.
   * `independent` (the default): two.
   */
  readonly ticks?: "shared" | "independent";
}

/** The same in both directions, and at both ends. */
export interface Symmetric
  extends Omit<Link, "delay">, Host, Pick<Network, "mss" | "headers" | "unit" | "ticks"> {
  /** Milliseconds there and back. */
  readonly rtt: number;
}

/**
 * Makes a network that is the same in both directions and at both ends; half of the RTT is the delay of each.
 */
export function symmetric(options: Symmetric): Network {
  const { rtt, rate, queue, limit, jitter, loss, mss, headers, unit, ticks, ...host } = options;
  const link = defined({ delay: rtt / 2, rate, queue, limit, jitter, loss });
  return {
    up: link,
    down: link,
    client: host,
    server: host,
    ...defined({ mss, headers, unit, ticks }),
  };
}

/** Without the entries that are undefined, which `exactOptionalPropertyTypes` tells apart from absent ones. */
function defined<T extends object>(entries: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** @throws {RangeError} that names the field, what it must be, and what it is */
export function checkNetwork(network: Network): void {
  known("network", network, ["up", "down", "client", "server", "mss", "headers", "unit", "ticks"]);
  for (const direction of ["up", "down"] as const) checkLink(direction, network[direction]);
  for (const end of ["client", "server"] as const) checkHost(end, network[end] ?? {});
  whole("mss", network.mss, 88, 65_535);
  whole("headers", network.headers, 0, 1000);
  oneOf("unit", network.unit, ["gso", "segment"]);
  oneOf("ticks", network.ticks, ["shared", "independent"]);
}

function checkLink(at: string, link: Link): void {
  known(at, link, ["delay", "rate", "queue", "limit", "jitter", "loss"]);
  within(`${at}.delay`, required(`${at}.delay`, link.delay), 0, 60_000);
  within(`${at}.rate`, link.rate, 1e-6, 1e6);
  within(`${at}.queue`, link.queue, 0, 1e9);
  whole(`${at}.limit`, link.limit, 1, 1e6);
  if (link.jitter !== undefined) {
    known(`${at}.jitter`, link.jitter, ["deviation", "distribution"]);
    within(
      `${at}.jitter.deviation`,
      required(`${at}.jitter.deviation`, link.jitter.deviation),
      0,
      3_600_000,
    );
    oneOf(
      `${at}.jitter.distribution`,
      required(`${at}.jitter.distribution`, link.jitter.distribution),
      ["normal", "uniform"],
    );
  }
  if (link.queue !== undefined && link.rate === undefined) {
    throw new RangeError(`${at}.queue: without a rate nothing waits; give ${at}.rate too`);
  }
  if (link.loss !== undefined) checkLoss(`${at}.loss`, link.loss);
}

function checkLoss(at: string, loss: Loss): void {
  const probability = (name: string, value: number): void =>
    within(`${at}.${name}`, required(`${at}.${name}`, value), 0, 1);
  switch (loss.kind) {
    case "bernoulli":
      known(at, loss, ["kind", "probability"]);
      return probability("probability", loss.probability);
    case "gilbert-elliott":
      known(at, loss, ["kind", "toBad", "toGood", "inGood", "inBad"]);
      for (const name of ["toBad", "toGood", "inGood", "inBad"] as const)
        probability(name, loss[name]);
      return;
    case "scripted":
      known(at, loss, ["kind", "packets", "of"]);
      oneOf(`${at}.of`, loss.of, ["all", "data"]);
      for (const [index, packet] of required(`${at}.packets`, loss.packets).entries())
        whole(`${at}.packets[${index}]`, packet, 0, 1e9);
      return;
    default:
      oneOf(`${at}.kind`, (loss as { kind: string }).kind, [
        "bernoulli",
        "gilbert-elliott",
        "scripted",
      ]);
  }
}

function checkHost(at: string, host: Host): void {
  known(at, host, ["kernel", "initialWindow", "nagle", "acks", "receiveWindow"]);
  oneOf(`${at}.kernel`, host.kernel, Object.keys(kernels));
  whole(`${at}.initialWindow`, host.initialWindow, 1, 10_000);
  oneOf(`${at}.nagle`, host.nagle, [true, false]);
  oneOf(`${at}.acks`, host.acks, ["kernel", "quick", "delayed"]);
  const window = host.receiveWindow ?? {};
  known(`${at}.receiveWindow`, window, ["initial", "maximum"]);
  whole(`${at}.receiveWindow.initial`, window.initial, 1, 2 ** 30);
  whole(`${at}.receiveWindow.maximum`, window.maximum, window.initial ?? 1, 2 ** 30);
}

function known(at: string, value: object, names: readonly string[]): void {
  if (typeof value !== "object" || value === null) {
    throw new RangeError(`${at}: expected an object, got ${shown(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) {
      throw new RangeError(`${at}.${name}: no such field; there are ${names.join(", ")}`);
    }
  }
}

function required<T>(at: string, value: T | undefined): T {
  if (value === undefined) throw new RangeError(`${at}: missing`);
  return value;
}

export function within(at: string, value: unknown, low: number, high: number): void {
  if (value === undefined) return;
  if (typeof value !== "number" || !(value >= low && value <= high)) {
    throw new RangeError(`${at}: expected a number from ${low} to ${high}, got ${shown(value)}`);
  }
}

export function whole(at: string, value: unknown, low: number, high: number): void {
  within(at, value, low, high);
  if (value !== undefined && !Number.isInteger(value)) {
    throw new RangeError(`${at}: expected a whole number, got ${shown(value)}`);
  }
}

function oneOf(at: string, value: unknown, choices: readonly unknown[]): void {
  if (value !== undefined && !choices.includes(value)) {
    throw new RangeError(`${at}: expected one of ${choices.join(", ")}, got ${shown(value)}`);
  }
}

const shown = (value: unknown): string =>
  typeof value === "number" || typeof value === "string" ? String(value) : typeof value;
