/** A run as a document, which becomes a page, Markdown and pictures like any other. */
import {
  type Block,
  type Cell,
  type Document,
  notes,
  type Section,
  table,
} from "../../../report/document.ts";
import { exact, joined, plural, significant } from "../../../report/numbers.ts";
import type { Manifest } from "../rows.ts";
import type { CellRow } from "../run.ts";
import { cellLabel, isSound, quantileOf, type Sorted, sortRows } from "./figures.ts";
import { bytesSection } from "./sections/bytes.ts";
import { ecdfSection } from "./sections/distributions.ts";
import { differenceSection } from "./sections/differences.ts";
import { flightsSection } from "./sections/flights.ts";
import { loadSection, lossSection } from "./sections/curves.ts";
import { payloadSection } from "./sections/payload.ts";
import { sequenceSection } from "./sections/sequence.ts";
import { signatureSection } from "./sections/signatures.ts";

/** What a report must know of a run; a manifest is it, and so is what {@link manifestOf} gives. */
export type Reported = Pick<Manifest, "name" | "seed" | "percentiles" | "cells" | "configuration"> &
  Partial<Pick<Manifest, "version" | "commit" | "machines" | "measured">>;

/**
 * Makes the report of a run.
 * @param rows of all cells that were run, in their order
 */
export function experimentReport(manifest: Reported, rows: readonly CellRow[]): Document {
  const sorted = sortRows(rows);
  const handshakes = rows.reduce((sum, { ms }) => sum + ms.length, 0);
  return {
    title: manifest.name,
    lead: [
      `${plural(rows.length, "cell")}, ${plural(handshakes, "handshake")} in simulated time, seed ${manifest.seed}.`,
      `The clock stops ${clockOf(rows)}. ${cpuOf(rows)}`,
    ],
    warnings: warningsOf(manifest, rows),
    sections: [
      ...lossSection(sorted, manifest.percentiles),
      ...loadSection(sorted, manifest.percentiles),
      ...differenceSection(sorted),
      ...signatureSection(sorted),
      ...bytesSection(sorted),
      ...payloadSection(sorted),
      ...flightsSection(sorted),
      ...ecdfSection(sorted),
      ...sequenceSection(sorted),
      { id: "cells", title: "All cells", blocks: cellBlocks(sorted, manifest.percentiles) },
      methodSection(manifest, sorted),
    ],
  };
}

const clocks = {
  handshake: "when the client has finished",
  "server-handshake": "when the server has the client's Finished",
  request: "when the client has written its request",
  acknowledged: "when the client's last flight is acknowledged",
  "first-byte": "at the first byte of the answer",
  "last-byte": "at the last byte of the answer",
} as const;

const clockOf = (rows: readonly CellRow[]): string =>
  [...new Set(rows.map(({ values }) => clocks[values.timer]))].join(", or ");

function cpuOf(rows: readonly CellRow[]): string {
  const modes = [...new Set(rows.map(({ values }) => values.cpu))];
  return modes
    .map((mode) => {
      if (mode === "zero") return "Computing takes no time.";
      if (mode === "measured") return "Computing takes what a benchmark measured.";
      return `Computing takes fixed times, of the table ${mode}.`;
    })
    .join(" ");
}

/** What a reader must know before they believe a number. */
function warningsOf({ cells }: Reported, rows: readonly CellRow[]): string[] {
  const failed = rows.filter(({ error }) => error !== undefined);
  const broken = rows.filter((row) => row.broken.length > 0);
  const lost = rows.reduce((sum, { ms }) => sum + ms.filter((time) => time === null).length, 0);
  const isQuic = rows.some(({ values }) => values.transport === "quic");
  const sizes = [...new Set(rows.flatMap(({ sizeOnly }) => sizeOnly))];
  return [
    ...(rows.length < cells
      ? [`${cells - rows.length} of ${plural(cells, "cell")} were not run yet`]
      : []),
    ...(failed.length > 0
      ? [
          `${plural(failed.length, "cell")} failed: ${joined([...new Set(failed.map(({ error }) => error ?? ""))].slice(0, 5))}`,
        ]
      : []),
    ...(broken.length > 0
      ? [
          `${plural(broken.length, "cell")} broke a check, and are left out of all plots: ${joined([...new Set(broken.flatMap((row) => row.broken))].slice(0, 5))}`,
        ]
      : []),
    ...(lost > 0 ? [`${plural(lost, "handshake")} failed on the way, and count as for ever`] : []),
    ...(isQuic ? ["QUIC is a model of its flights here, and no stack"] : []),
    ...(sizes.length > 0 ? [`Size only, none of these runs here: ${joined(sizes)}`] : []),
  ];
}

/** Longer tables are folded away. */
const longTable = 40;

function cellBlocks({ rows, varied }: Sorted, percentiles: readonly number[]): Block[] {
  const columns = [
    { title: "cell", align: "right" as const },
    ...varied.map((name) => ({ title: name })),
    { title: "handshakes", align: "right" as const },
    { title: "failed", align: "right" as const, detail: true as const },
    ...percentiles.map((percentile) => ({
      title: `p${percentile}`,
      group: "ms",
      align: "right" as const,
    })),
    { title: "bytes", align: "right" as const },
    { title: "checks" },
  ];
  const cells = rows.map((row): Cell[] => [
    String(row.cell),
    ...varied.map((name) => cellLabel(name, row.values)),
    exact(row.ms.length),
    exact(row.ms.filter((time) => time === null).length),
    ...percentiles.map((percentile) => {
      const found = quantileOf(row.ms, percentile);
      return found === undefined
        ? "–"
        : Number.isFinite(found.value)
          ? significant(found.value)
          : "never";
    }),
    row.facts === undefined ? "–" : exact(row.facts.clientBytes + row.facts.serverBytes),
    verdict(row),
  ]);
  const blocks = table({ title: "Cells", columns, rows: cells });
  const explained = notes([
    "A percentile stands there only if at least five handshakes lie beyond it.",
  ]);
  return rows.length > longTable
    ? [{ kind: "more", summary: `${exact(rows.length)} cells`, blocks: [...blocks, ...explained] }]
    : [...blocks, ...explained];
}

function verdict(row: CellRow): Cell {
  if (row.error !== undefined) return { text: row.error, tone: "missed" };
  if (row.broken.length > 0) return { text: row.broken.join("; "), tone: "missed" };
  return { text: isSound(row) ? "held" : "–", tone: "reached" };
}

function methodSection(
  { version, commit, configuration, machines = [], measured }: Reported,
  { rows }: Sorted,
): Section {
  const constant = rows[0]?.values;
  const same =
    constant === undefined
      ? []
      : Object.entries(constant).filter(([name]) =>
          rows.every(
            ({ values }) =>
              JSON.stringify(values[name as keyof typeof values]) ===
              JSON.stringify(constant[name as keyof typeof constant]),
          ),
        );
  return {
    id: "method",
    title: "Method",
    blocks: [
      ...notes([
        "Each distinct handshake ran once in the engine; what it sent is replayed over a simulated network, and no clock of this machine counts.",
        "The draws of a repetition are the same for every algorithm.",
        "In every cell: group and signature as the wire says, keys and signatures as long as the registry says, no handshake faster than its round trips and bytes allow, and rounds as counted by hand where nothing is lost.",
        `${[
          `kemistry${version === undefined ? "" : ` ${version}`}`,
          ...(commit === undefined ? [] : [`commit ${commit.slice(0, 12)}${commit.slice(40)}`]),
          `configuration ${configuration.slice(0, 16)}`,
          ...(measured === undefined ? [] : [`benchmark ${measured.slice(0, 16)}`]),
        ].join(", ")}.`,
        ...machines.map(
          ({ date, cpu, node, platform }) => `${date}: ${cpu}, Node ${node}, ${platform}.`,
        ),
      ]),
      ...table({
        title: "What was the same in all cells",
        columns: [{ title: "factor" }, { title: "value" }],
        rows: same.map(([name, value]) => [
          name,
          typeof value === "object" ? JSON.stringify(value) : String(value),
        ]),
      }),
    ],
  };
}
