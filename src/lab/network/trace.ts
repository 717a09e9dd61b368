/** One run with every packet, for a diagram in time. */
import { checkOptions } from "../../registry/check.ts";
import { type Channel, Flag } from "./channel.ts";
import type { Network } from "./network.ts";
import { type Outcome, Runner, type RunnerOptions, runnerTable } from "./runner.ts";
import type { FlightScript } from "./script.ts";

/** A packet that one end sent. Times in ms since the client's first SYN. */
export interface SentPacket {
  /** The end that sent it. */
  readonly from: "client" | "server";
  /** What it is; a packet with payload is `data`, whatever else it acknowledges. */
  readonly kind: "syn" | "syn-ack" | "ack" | "data";
  /** When it was sent. */
  readonly sent: number;
  /** Left out: it was lost. */
  readonly arrives?: number;
  /** Where its payload starts in what its end sends, and how long it is. */
  readonly start: number;
  /** Bytes of payload. */
  readonly bytes: number;
  /** Bytes of the other end that it acknowledges. */
  readonly acknowledges: number;
  /** Whether it repeats what was sent before. */
  readonly isRetransmission: boolean;
}

/** One run with every packet. */
export interface TracedRun {
  /** What the run came to. */
  readonly outcome: Outcome;
  /** In the order in which they were sent. */
  readonly packets: readonly SentPacket[];
}

/**
 * Runs a script once, and keeps every packet.
 *
 * @throws as {@link Runner}
 */
export function traceRun(
  network: Network,
  script: FlightScript,
  seed: number,
  options: RunnerOptions = {},
): TracedRun {
  checkOptions("traceRun", options, runnerTable);
  const runner = new Runner(network, script, options);
  const packets: SentPacket[] = [];
  watch(runner.connection.up, "client", packets);
  watch(runner.connection.down, "server", packets);
  runner.run(seed);
  return { outcome: runner.outcome, packets };
}

function watch(channel: Channel, from: "client" | "server", packets: SentPacket[]): void {
  channel.tap = (packet, arrives) =>
    packets.push({
      from,
      kind: kindOf(packet.flags, from),
      sent: packet.sent / 1e6,
      ...(arrives !== undefined && { arrives: arrives / 1e6 }),
      start: packet.start,
      bytes: packet.length,
      acknowledges: packet.acknowledges,
      isRetransmission: (packet.flags & Flag.retransmission) !== 0,
    });
}

function kindOf(flags: number, from: "client" | "server"): SentPacket["kind"] {
  if (flags & Flag.syn) return from === "client" ? "syn" : "syn-ack";
  return flags & Flag.data ? "data" : "ack";
}
