/** One handshake packet by packet, for a diagram in time. */
import { type Network, seedFor, type SentPacket, traceRun } from "../network/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { TimedScript } from "./script.ts";

/** One handshake of a cell, packet by packet, for a diagram in time. */
export interface Sequence {
  /** Which of the cell's handshakes, from 0. */
  readonly repetition: number;
  /** In the order in which they were sent; without acknowledgements that carry nothing. */
  readonly packets: readonly Pick<
    SentPacket,
    "from" | "sent" | "arrives" | "bytes" | "kind" | "isRetransmission"
  >[];
  /** Times in ms. */
  readonly moments: readonly { readonly role: Role; readonly at: number; readonly label: string }[];
}

/** A diagram of more could not be read. */
const longest = 200;

/** Of the one than which a quarter were slower: what a reader is likely to meet, and some loss in it. */
export function sequenceOf(
  network: Network,
  { script, until }: TimedScript,
  ms: readonly (number | null)[],
  seed: string,
): Sequence {
  const bySpeed = ms
    .map((_, at) => at)
    .toSorted((a, b) => (ms[a] ?? Infinity) - (ms[b] ?? Infinity));
  const repetition = bySpeed[Math.ceil(0.75 * bySpeed.length) - 1] ?? 0;
  const drawn = seedFor(seed, JSON.stringify(network), repetition);
  const { packets, outcome } = traceRun(network, script, drawn, { until });
  const serverMarks = new Set(script.server.map(({ mark }) => mark));
  const marks = Object.entries(outcome.marks).map(([label, at]) => ({
    role: serverMarks.has(label) ? ("server" as const) : ("client" as const),
    at: toMicroseconds(at),
    label: label.replace("-", " "),
  }));
  return {
    repetition,
    packets: packets
      .filter(({ kind }) => kind !== "ack")
      .slice(0, longest)
      .map(({ from, sent, arrives, bytes, kind, isRetransmission }) => ({
        from,
        sent: toMicroseconds(sent),
        ...(arrives !== undefined && { arrives: toMicroseconds(arrives) }),
        bytes,
        kind,
        isRetransmission,
      })),
    moments: [
      { role: "client", at: toMicroseconds(outcome.connected), label: "connected" },
      ...marks,
    ],
  };
}

/** Of ms: more digits are not figures of a model. */
export const toMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000;
