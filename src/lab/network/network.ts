/** A network as data: two directions of a path, and the two hosts at its ends. */
import * as check from "../../registry/check.ts";
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
  /** How deviations are distributed. */
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
  /** Room for what was received and not read. Default: {@link ReceiveWindow}'s. */
  readonly receiveWindow?: ReceiveWindow;
}

/** When a host acknowledges the data that it receives; {@link Host} says what each means. */
export type Acks = "kernel" | "quick" | "delayed";

/** Bytes; `initial` equal to `maximum` is a window that does not grow. Defaults: 65535, and 6 MiB. */
export interface ReceiveWindow {
  /** What is announced first. */
  readonly initial?: number;
  /** What it grows to. */
  readonly maximum?: number;
}

/** A path between two hosts: both directions, both hosts, and what is common to them. */
export interface Network {
  /** From the client to the server. */
  readonly up: Link;
  /** From the server to the client. */
  readonly down: Link;
  /** The client's host. Default: {@link Host}'s. */
  readonly client?: Host;
  /** The server's host. Default: {@link Host}'s. */
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
 *
 * @throws TypeError for an option that is not known, missing or of the wrong type, RangeError for a wrong value
 */
export function symmetric(options: Symmetric): Network {
  symmetricOf(options, "symmetric");
  checkQueue(options, "symmetric: queue");
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

/** @throws TypeError for a field that is not known, missing or of the wrong type, RangeError for a wrong value */
export const checkNetwork = (network: Network): void => networkOf(network, "network");

const lossTables = {
  bernoulli: { kind: check.text, probability: check.number(0, 1) },
  "gilbert-elliott": {
    kind: check.text,
    toBad: check.number(0, 1),
    toGood: check.number(0, 1),
    inGood: check.number(0, 1),
    inBad: check.number(0, 1),
  },
  scripted: {
    kind: check.text,
    packets: check.listOf(check.whole(0, 1e9)),
    of: check.oneOf("all", "data"),
  },
} satisfies { [Kind in Loss["kind"]]: check.OptionTable<Extract<Loss, { kind: Kind }>> };

const checkLoss: check.Check = (value, where) => {
  check.like("a loss: { kind, … }", "kind")(value, where);
  const { kind } = value as { readonly kind: Loss["kind"] };
  check.oneOf(...Object.keys(lossTables))(kind, `${where}.kind`);
  const required = Object.keys(lossTables[kind]).filter((name) => name !== "of");
  check.complete(lossTables[kind], "a loss of this kind has it", required)(value, where);
};

const jitterTable = {
  deviation: check.number(0, 3_600_000, " milliseconds"),
  distribution: check.oneOf("normal", "uniform"),
} satisfies check.OptionTable<Jitter>;

const commonOfLinks = {
  rate: check.number(1e-6, 1e6, " Mbit/s"),
  queue: check.number(0, 1e9, " bytes"),
  limit: check.whole(1, 1e6, " packets"),
  jitter: check.complete(jitterTable, "write { deviation, distribution }"),
  loss: checkLoss,
} satisfies Omit<check.OptionTable<Link>, "delay">;

/** What each field of a {@link Link} may be. */
export const linkTable = {
  delay: check.number(0, 60_000, " milliseconds"),
  ...commonOfLinks,
} satisfies check.OptionTable<Link>;

const checkLink: check.Check = (value, where) => {
  check.complete(linkTable, "write { delay }", ["delay"])(value, where);
  checkQueue(value as Link, `${where}.queue`);
};

function checkQueue({ queue, rate }: Pick<Link, "queue" | "rate">, where: string): void {
  if (queue !== undefined && rate === undefined) {
    throw new RangeError(`${where}: without a rate nothing waits; give rate too`);
  }
}

const windowTable = {
  initial: check.whole(1, 2 ** 30, " bytes"),
  maximum: check.whole(1, 2 ** 30, " bytes"),
} satisfies check.OptionTable<ReceiveWindow>;

const hostTable = {
  kernel: check.oneOf(...Object.keys(kernels)),
  initialWindow: check.whole(1, 10_000, " segments"),
  nagle: check.flag,
  acks: check.oneOf("kernel", "quick", "delayed"),
  receiveWindow: (value, where) => {
    check.options(windowTable)(value, where);
    const { initial = 1, maximum } = value as ReceiveWindow;
    if (maximum !== undefined) check.whole(initial, 2 ** 30, " bytes")(maximum, `${where}.maximum`);
  },
} satisfies check.OptionTable<Host>;

const pathTable = {
  mss: check.whole(88, 65_535, " bytes"),
  headers: check.whole(0, 1000, " bytes"),
  unit: check.oneOf("gso", "segment"),
  ticks: check.oneOf("shared", "independent"),
} satisfies check.OptionTable<Pick<Network, "mss" | "headers" | "unit" | "ticks">>;

const networkTable = {
  up: checkLink,
  down: checkLink,
  client: check.options(hostTable),
  server: check.options(hostTable),
  ...pathTable,
} satisfies check.OptionTable<Network>;

const networkOf = check.complete(networkTable, "write { up: { delay }, down: { delay } }", [
  "up",
  "down",
]);

const symmetricOf = check.complete(
  {
    rtt: check.number(0, 120_000, " milliseconds"),
    ...commonOfLinks,
    ...hostTable,
    ...pathTable,
  } satisfies check.OptionTable<Symmetric>,
  "write { rtt }",
  ["rtt"],
);

/** Without the entries that are undefined, which `exactOptionalPropertyTypes` tells apart from absent ones. */
function defined<T extends object>(entries: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
