/** The plots of the papers, each where the experiment has what it needs. */
import { ecdf } from "../../../report/charts/ecdf.ts";
import { hue } from "../../../report/charts/frame.ts";
import { lines, type LinePoint } from "../../../report/charts/lines.ts";
import { scatter, type Spot } from "../../../report/charts/scatter.ts";
import { sequence } from "../../../report/charts/sequence.ts";
import { stack, type Mark, type Part } from "../../../report/charts/stack.ts";
import {
  type Block,
  type Cell,
  type Figure,
  notes,
  paragraph,
  type Section,
  table,
} from "../../../report/document.ts";
import { exact, plural, significant } from "../../../report/numbers.ts";
import type { CellRow } from "../run.ts";
import type { Sequence } from "../sequence.ts";
import { isSound, percent, quantileOf, type Sorted } from "./figures.ts";

const figure = (id: string, title: string, caption: string, chart: Figure["chart"]): Block => ({
  kind: "figure",
  figure: { id, title, caption, chart },
});

/** Panels of one figure, and figures of one kind: more are in the rows. */
const most = { panels: 8, figures: 6, bars: 24 };

const isNumber = (value: unknown): value is number => typeof value === "number";

/** Percentiles against loss, a panel for each condition (Paquin, Stebila, Tamvada 2020). */
export function lossSection(sorted: Sorted, percentiles: readonly number[]): Section[] {
  const rows = sorted.rows.filter((row) => isSound(row) && isNumber(row.values.loss));
  if (!sorted.varied.includes("loss") || rows.length === 0) return [];
  const blocks = percentiles.flatMap((percentile) => {
    const points = rows.flatMap((row): LinePoint[] => {
      const found = quantileOf(row.ms, percentile);
      if (found === undefined || !Number.isFinite(found.value)) return [];
      const { value: y, low, high } = found;
      return [
        {
          panel: sorted.conditionOf(row, ["loss"]),
          series: sorted.seriesOf(row),
          x: row.values.loss as number,
          y,
          ...(Number.isFinite(high) && { low, high }),
        },
      ];
    });
    if (points.length < 2) return [];
    const panels = [...new Set(points.map(({ panel }) => panel))].slice(0, most.panels);
    const shown = points.filter(({ panel }) => panels.includes(panel));
    return [
      figure(
        `loss-p${percentile}`,
        `${ordinal(percentile)} against loss`,
        `Milliseconds; bands are 95 % intervals by order statistics, of ${repetitionsOf(rows)}. What failed counts as for ever.`,
        lines(shown, { x: "packets lost", y: "ms", tick: percent }),
      ),
    ];
  });
  return blocks.length === 0 ? [] : [{ id: "loss", title: "Loss", blocks }];
}

const ordinal = (percentile: number): string =>
  percentile === 50 ? "Median" : `${percentile}th percentile`;

const repetitionsOf = (rows: readonly CellRow[]): string => {
  const counts = rows.map(({ ms }) => ms.length);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  return low === high ? plural(high, "handshake") : `${exact(low)} to ${plural(high, "handshake")}`;
};

/** The least that happens on a network, where loss and jitter vary: one cell for each thing compared. */
function calm(
  sorted: Sorted,
): { readonly condition: string; readonly rows: CellRow[]; readonly rtt: number }[] {
  const byCondition = new Map<string, CellRow[]>();
  for (const row of sorted.rows.filter(isSound)) {
    const key = sorted.conditionOf(row, ["loss"]);
    byCondition.set(key, [...(byCondition.get(key) ?? []), row]);
  }
  return [...byCondition].map(([condition, rows]) => {
    const losses = rows.map(({ values }) => values.loss).filter(isNumber);
    const least = Math.min(...losses);
    const kept = losses.length === 0 ? rows : rows.filter(({ values }) => values.loss === least);
    return { condition, rows: kept, rtt: kept[0]?.values.rtt ?? 0 };
  });
}

/** Bytes against latency, with lines at whole round trips (Wiggers 2024). */
export function bytesSection(sorted: Sorted): Section[] {
  const groups = calm(sorted).filter(({ rows }) => rows.length > 1);
  const blocks = groups.slice(0, most.figures).flatMap(({ condition, rows, rtt }, at): Block[] => {
    const spots = rows.flatMap((row): Spot[] => {
      const median = quantileOf(row.ms, 50);
      if (median === undefined || !Number.isFinite(median.value) || row.facts === undefined)
        return [];
      const { label } = sorted.seriesOf(row);
      const kind =
        row.sizeOnly.length === 0
          ? { label: "runs", fill: hue(0) }
          : { label: "size only", fill: hue(1) };
      return [
        {
          series: { ...kind, opacity: 1 },
          x: row.facts.serverBytes + row.facts.clientBytes,
          y: median.value,
          label,
        },
      ];
    });
    if (spots.length < 2) return [];
    const longest = Math.max(...spots.map(({ y }) => y));
    const rounds = rtt === 0 ? 0 : Math.min(12, Math.ceil(longest / rtt));
    const across: Mark[] = Array.from({ length: rounds }, (_, index) => ({
      at: (index + 1) * rtt,
      label: `${index + 1} RTT`,
    })).filter(({ at: line }) => line >= Math.min(...spots.map(({ y }) => y)) * 0.8);
    return [
      figure(
        `bytes-${at + 1}`,
        ["Bytes against latency", condition].filter((part) => part !== "").join(", "),
        "Bytes of both ends during the handshake, and the median in ms. Dashed lines are whole round trips, the connection's own included.",
        scatter(spots, { x: "bytes on the wire", y: "ms" }, across),
      ),
    ];
  });
  return blocks.length === 0
    ? []
    : [
        {
          id: "bytes",
          title: "Bytes and round trips",
          blocks: [...blocks, ...moreThan(groups.length, most.figures, "networks")],
        },
      ];
}

const moreThan = (count: number, shown: number, what: string): Block[] =>
  count <= shown ? [] : notes([`${count - shown} more ${what} are in the rows`]);

/** One row for each distinct handshake. */
function handshakes(sorted: Sorted): CellRow[] {
  const distinct = new Map<string, CellRow>();
  for (const row of sorted.rows) {
    if (row.flights !== undefined)
      distinct.set(`${JSON.stringify(row.flights)}${sorted.seriesOf(row).label}`, row);
  }
  const bySeries = new Map([...distinct.values()].map((row) => [sorted.seriesOf(row).label, row]));
  return [...bySeries.values()];
}

/** What each end sends, with lines where a window ends. */
export function flightsSection(sorted: Sorted): Section[] {
  const rows = handshakes(sorted);
  const names = [
    ...new Set(
      rows.flatMap(({ flights = [] }) => flights.flatMap(({ messages }) => Object.keys(messages))),
    ),
  ];
  const parts = rows.slice(0, most.bars).flatMap((row) =>
    (row.flights ?? []).flatMap(({ from, messages }, at): Part[] =>
      Object.entries(messages).map(([name, value]) => ({
        row: sorted.seriesOf(row).label,
        band: `${at + 1} ${from}`,
        part: { label: name, fill: hue(names.indexOf(name)), opacity: 1 },
        value,
      })),
    ),
  );
  if (parts.length === 0) return [];
  const { mss, initialWindow } = rows[0]!.values;
  const window = (typeof initialWindow === "number" ? initialWindow : initialWindow.server) * mss;
  const marks = [1, 3, 7].map((times, at) => ({
    at: times * window,
    label: `${at + 1} ${at === 0 ? "round" : "rounds"}`,
  }));
  return [
    {
      id: "flights",
      title: "Flights",
      blocks: [
        figure(
          "flights",
          "Bytes of each flight",
          "Handshake messages, without the headers of records. Dashed lines: what a server can send in that many rounds.",
          stack(parts, "bytes", marks),
        ),
        ...moreThan(rows.length, most.bars, "handshakes"),
      ],
    },
    ...helloSection(sorted, rows.slice(0, most.bars), mss),
  ];
}

/** A ClientHello over TCP segments. */
function helloSection(sorted: Sorted, rows: readonly CellRow[], mss: number): Section[] {
  const distinct = new Map(rows.map((row) => [JSON.stringify(row.facts?.helloParts), row]));
  const kept = [...distinct.values()].filter(({ facts }) => facts !== undefined);
  if (kept.length === 0) return [];
  const large = ["key_share", "pre_shared_key", "signature_algorithms", "server_name"];
  const parts = kept.flatMap((row) => {
    const sizes = Object.entries(row.facts!.helloParts);
    const named = sizes.filter(([name]) => large.includes(name));
    const rest = sizes
      .filter(([name]) => !large.includes(name))
      .reduce((sum, [, value]) => sum + value, 0);
    return [...named, ["everything else", rest] as const].map(([name, value]): Part => ({
      row: sorted.seriesOf(row).label,
      band: plural(Math.ceil((row.facts!.clientHello + 5) / mss), "segment"),
      part: { label: name, fill: hue([...large, "everything else"].indexOf(name)), opacity: 1 },
      value,
    }));
  });
  const longest = Math.max(...kept.map(({ facts }) => facts!.clientHello));
  const marks = Array.from({ length: Math.min(8, Math.floor(longest / mss) + 1) }, (_, at) => ({
    at: (at + 1) * mss,
    label: `${at + 1}`,
  }));
  return [
    {
      id: "hello",
      title: "ClientHello",
      blocks: [
        figure(
          "hello",
          "The ClientHello over segments",
          `Bytes by extension; dashed lines are where a segment of ${exact(mss)} bytes ends.`,
          stack(parts, "bytes", marks),
        ),
      ],
    },
  ];
}

/** How many handshakes took at most how long; only where draws decide. */
export function ecdfSection(sorted: Sorted): Section[] {
  const random = sorted.rows.filter((row) => isSound(row) && row.ms.length > 20);
  const conditions = [...new Set(random.map((row) => sorted.conditionOf(row)))];
  // Conditions that show most: spread over all there are
  const step = Math.max(1, Math.floor(conditions.length / most.figures));
  const chosen = conditions.filter((_, at) => at % step === step - 1).slice(0, most.figures);
  const samples = random
    .filter((row) => chosen.includes(sorted.conditionOf(row)))
    .flatMap((row) =>
      thinned(row.ms).map((value) => ({
        row: sorted.conditionOf(row) || "all",
        series: sorted.seriesOf(row),
        value,
      })),
    );
  if (samples.length === 0) return [];
  return [
    {
      id: "ecdf",
      title: "Distributions",
      blocks: [
        figure(
          "ecdf",
          "Part of the handshakes that took at most so long",
          `Milliseconds. ${repetitionsOf(random)} a line, drawn at ${steps} of them.`,
          ecdf(samples, "ms"),
        ),
        ...moreThan(conditions.length, chosen.length, "conditions"),
      ],
    },
  ];
}

const steps = 120;

function thinned(ms: CellRow["ms"]): number[] {
  const sorted = ms.filter(isNumber).toSorted((a, b) => a - b);
  return Array.from(
    { length: Math.min(steps, sorted.length) },
    (_, at) => sorted[Math.floor(((at + 0.5) * sorted.length) / Math.min(steps, sorted.length))]!,
  );
}

/** How much slower a whole exchange is, against its payload. */
export function payloadSection(sorted: Sorted): Section[] {
  const rows = sorted.rows.filter((row) => isSound(row) && row.values.payload > 0);
  if (!sorted.varied.includes("payload")) return [];
  // A payload is what the axis shows, and no part of a name
  const nameOf = (row: CellRow): string =>
    sorted
      .seriesOf(row)
      .label.split(" · ")
      .filter((part) => !/^(payload|request|timer) /.test(part))
      .join(" · ") || "all";
  const names = [...new Set(rows.map(nameOf))];
  const [base] = names;
  if (base === undefined || names.length < 2) return [];
  const medianOf = (row: CellRow): number => quantileOf(row.ms, 50)?.value ?? Number.NaN;
  const points = rows.flatMap((row): LinePoint[] => {
    const panel = sorted.conditionOf(row);
    const other = rows.find(
      (one) =>
        nameOf(one) === base &&
        sorted.conditionOf(one) === panel &&
        one.values.payload === row.values.payload,
    );
    const y = other === undefined ? Number.NaN : (medianOf(row) / medianOf(other) - 1) * 100;
    if (!Number.isFinite(y) || nameOf(row) === base) return [];
    const at = names.indexOf(nameOf(row));
    return [
      {
        panel,
        series: { label: nameOf(row), fill: hue(at), opacity: 1 },
        x: row.values.payload,
        y,
      },
    ];
  });
  if (points.length < 2) return [];
  const panels = [...new Set(points.map(({ panel }) => panel))].slice(0, most.panels);
  return [
    {
      id: "payload",
      title: "Payload",
      blocks: [
        figure(
          "payload",
          `How much slower than ${base}, against the payload`,
          "Per cent of the median, to the moment at which the clock stops. What a handshake costs is lost in a long answer.",
          lines(
            points.filter(({ panel }) => panels.includes(panel)),
            { x: "bytes of payload", y: "% slower", tick: exact },
          ),
        ),
      ],
    },
  ];
}

/** A table of every signature by latency: what sums of bytes cannot give, since windows step. */
export function signatureSection(sorted: Sorted): Section[] {
  const groups = calm(sorted);
  const names = [...new Set(sorted.rows.map(({ values }) => values.signature))];
  if (names.length < 3) return [];
  const lists = names.flatMap((name) => {
    const cells = groups.map(({ rows }) => rows.find(({ values }) => values.signature === name));
    const some = cells.find((row) => row?.facts !== undefined);
    return some === undefined ? [] : [{ name, cells, some }];
  });
  const latency = (row: CellRow | undefined): number =>
    row === undefined ? Number.NaN : (quantileOf(row.ms, 50)?.value ?? Number.NaN);
  const inOrder = lists.toSorted(
    (a, b) =>
      latency(a.cells[0]) - latency(b.cells[0]) ||
      (a.some.facts?.serverBytes ?? 0) - (b.some.facts?.serverBytes ?? 0),
  );
  const shown = groups.slice(0, 4);
  return [
    {
      id: "signatures",
      title: "Signatures by latency",
      blocks: [
        ...table({
          title: "Every signature, the fastest first",
          columns: [
            { title: "signature" },
            { title: "" },
            { title: "server sends, bytes", align: "right" },
            ...shown.map(({ condition }) => ({
              title: condition || "ms",
              group: "median, ms",
              align: "right" as const,
            })),
            { title: "rounds", align: "right", detail: true },
          ],
          rows: inOrder.map(({ name, cells, some }): Cell[] => [
            name,
            some.sizeOnly.includes(name) ? "size only" : "runs",
            exact(some.facts?.serverBytes ?? 0),
            ...shown.map((_, at) => significant(latency(cells[at]))),
            some.rounds === undefined ? "–" : String(some.rounds),
          ]),
        }),
      ],
    },
  ];
}

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
      "Time goes down. A packet may hold several segments, as kernels hand them down; acknowledgements that carry nothing are left out.",
      sequence(
        packets.map(({ from, sent, arrives, bytes, kind, isRetransmission }) => ({
          from: from === "client" ? "left" : "right",
          sent,
          ...(arrives !== undefined && { arrives }),
          label: kind === "data" ? `${exact(bytes)} B` : packetNames[kind],
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
