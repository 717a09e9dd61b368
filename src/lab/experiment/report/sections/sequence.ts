import { sequence } from "../../../../report/charts/sequence.ts";
import { type Block, paragraph, type Section } from "../../../../report/document.ts";
import { exact } from "../../../../report/numbers.ts";
import { type CellRow } from "../../run.ts";
import { type Sequence } from "../../sequence.ts";
import { type Sorted } from "../figures.ts";
import { figure } from "../common.ts";

/** Handshakes packet by packet. */
export function sequenceSection(sorted: Sorted): Section[] {
  const blocks = sorted.rows.flatMap((row) =>
    row.sequence === undefined ? [] : oneSequence(sorted, row, row.sequence),
  );
  return blocks.length === 0 ? [] : [{ id: "sequence", title: "Handshakes in time", blocks }];
}

const packetNames = { syn: "SYN", "syn-ack": "SYN-ACK", ack: "ACK" } as const;

function oneSequence(
  sorted: Sorted,
  row: CellRow,
  { packets, moments, repetition }: Sequence,
): Block[] {
  const where = [sorted.seriesOf(row).label, sorted.conditionOf(row)]
    .filter((part) => part !== "")
    .join(", ");
  const which =
    row.ms.length > 1
      ? `number ${repetition + 1} of ${exact(row.ms.length)}, a quarter of which are slower`
      : "its only handshake";
  return [
    paragraph(`Cell ${row.cell}, ${where}: ${which}.`),
    figure(
      `sequence-${row.cell}`,
      `Who sent what when, cell ${row.cell}`,
      "Time goes down. A packet may hold several segments, as kernels hand them down; acknowledgements that carry nothing are left out. Bytes are of all packets that leave together.",
      sequence(
        packets.map(({ from, sent, arrives, bytes, kind, isRetransmission }) => ({
          from: from === "client" ? "left" : "right",
          sent,
          ...(arrives !== undefined && { arrives }),
          holds: kind === "data" ? bytes : packetNames[kind],
          again: isRetransmission,
        })),
        moments.map(({ role, at, label }) => ({
          side: role === "client" ? "left" : "right",
          at,
          label,
        })),
        { left: "client", right: "server" },
      ),
    ),
  ];
}
