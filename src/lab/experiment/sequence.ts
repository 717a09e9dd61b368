/** One handshake packet by packet, for a diagram in time. */
import { Flag, type Network, type Packet, Runner, seedFor } from "../network/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { TimedScript } from "./script.ts";

export interface Sequence {
  /** Which of the cell's handshakes, from 0. */
  readonly repetition: number;
  /** In the order in which they were sent; without acknowledgements that carry nothing. Times in ms. */
  readonly packets: readonly SentPacket[];
  readonly moments: readonly { readonly role: Role; readonly at: number; readonly label: string }[];
}

export interface SentPacket {
  readonly from: Role;
  readonly sent: number;
  /** Absent: it was lost. */
  readonly arrives?: number;
  readonly bytes: number;
  readonly kind: "syn" | "syn-ack" | "data";
  readonly again: boolean;
}

/** A diagram of more could not be read. */
const longest = 200;

/** Of the slowest that came to its end; of the first if none did. */
export function sequenceOf(
  network: Network,
  { script, until }: TimedScript,
  ms: readonly (number | null)[],
  seed: string,
): Sequence {
  const repetition = ms.reduce<number>(
    (slowest, time, at) => ((time ?? -1) > (ms[slowest] ?? -1) ? at : slowest),
    0,
  );
  const runner = new Runner(network, script, { until });
  const packets: SentPacket[] = [];
  const { up, down } = runner.connection;
  const tap =
    (from: Role) =>
    ({ sent, flags, length }: Packet, arrives: number | undefined): void => {
      const isSyn = (flags & Flag.syn) !== 0;
      if ((!isSyn && length === 0) || packets.length >= longest) return;
      packets.push({
        from,
        sent: inMs(sent),
        ...(arrives !== undefined && { arrives: inMs(arrives) }),
        bytes: length,
        kind: isSyn ? (from === "client" ? "syn" : "syn-ack") : "data",
        again: (flags & Flag.retransmission) !== 0,
      });
    };
  [up.tap, down.tap] = [tap("client"), tap("server")];
  runner.run(seedFor(seed, JSON.stringify(network), repetition));
  const { marks, connected } = runner.outcome;
  const serverMarks = new Set(script.server.map(({ mark }) => mark));
  const named = Object.entries(marks).map(([label, at]) => ({
    role: serverMarks.has(label) ? ("server" as const) : ("client" as const),
    at: inMs(at * 1e6),
    label: label.replace("-", " "),
  }));
  return {
    repetition,
    packets,
    moments: [{ role: "client", at: inMs(connected * 1e6), label: "connected" }, ...named],
  };
}

const inMs = (ns: number): number => Math.round(ns / 1000) / 1000;
