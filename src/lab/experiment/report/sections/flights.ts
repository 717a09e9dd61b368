import { hue } from "../../../../report/charts/frame.ts";
import { stack, type Part } from "../../../../report/charts/stack.ts";
import { type Section } from "../../../../report/document.ts";
import { exact, plural } from "../../../../report/numbers.ts";
import { type CellRow } from "../../run.ts";
import { labelOf, plain, type Sorted } from "../figures.ts";
import { extent, figure, groupBy, moreThan, most } from "../common.ts";

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
    ...helloSection(sorted, mss),
  ];
}

/** A ClientHello over TCP segments. */
function helloSection(sorted: Sorted, mss: number): Section[] {
  const rows = sorted.rows.filter(({ facts }) => facts !== undefined);
  const distinct = [...groupBy(rows, ({ facts }) => JSON.stringify(facts?.helloParts)).values()];
  if (distinct.length === 0) return [];
  const nameOf = helloNames(sorted, distinct);
  const kept = distinct.slice(0, most.bars).map(([row]) => row!);
  const large = ["key_share", "pre_shared_key", "signature_algorithms", "server_name"];
  const parts = kept.flatMap((row) => {
    const sizes = Object.entries(row.facts!.helloParts);
    const named = sizes.filter(([name]) => large.includes(name));
    const rest = sizes
      .filter(([name]) => !large.includes(name))
      .reduce((sum, [, value]) => sum + value, 0);
    return [...named, ["everything else", rest] as const].map(([name, value]): Part => ({
      row: nameOf(row),
      band: plural(Math.ceil((row.facts!.clientHello + 5) / mss), "segment"),
      part: { label: name, fill: hue([...large, "everything else"].indexOf(name)), opacity: 1 },
      value,
    }));
  });
  const [, longest] = extent(kept.map(({ facts }) => facts!.clientHello));
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
        ...moreThan(distinct.length, most.bars, "ClientHellos"),
      ],
    },
  ];
}

/** What tells ClientHellos apart: factors that are the same in all handshakes with one of them, where these suffice. */
function helloNames(sorted: Sorted, distinct: readonly CellRow[][]): (row: CellRow) => string {
  const telling = sorted.compared.filter((name) =>
    distinct.every((rows) => new Set(rows.map(({ values }) => plain(values[name]))).size === 1),
  );
  const nameOf = (row: CellRow): string => labelOf(row, telling) || "all";
  const names = new Set(distinct.map(([row]) => nameOf(row!)));
  return names.size === distinct.length ? nameOf : (row) => sorted.seriesOf(row).label;
}
