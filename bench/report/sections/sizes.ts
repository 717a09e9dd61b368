/** Bytes on the wire, flight by flight: exact, and the same in every run but for ECDSA's signatures. */
import type { Dimensions, Figure } from "../../results.ts";
import { hue } from "../../../src/report/charts/frame.ts";
import type { LegendEntry } from "../../../src/report/charts/renderer.ts";
import { type Part, stack } from "../../../src/report/charts/stack.ts";
import type { Block, Table } from "../../../src/report/document.ts";
import { paragraph } from "../../../src/report/document.ts";
import { exact, most } from "../../../src/report/numbers.ts";
import { panelsOf, rowNamer } from "../panels.ts";
import { slug, type SuiteRuns } from "./suite-runs.ts";

/** Of Ethernet with IPv4 and TCP without options: 1500 - 20 - 20. */
const segment = 1460;
/** RFC 6928 §2: what a sender may have on its way before it hears anything. */
const initialWindow = 10 * segment;

/** A handshake of one kind. */
interface Case {
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly flights: readonly Flight[];
}

interface Flight {
  /** `2 server`: its number and who sends it. */
  readonly name: string;
  /** Messages in their order, and what the record layer adds. */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
}

const isOfFlight = ({ unit, dimensions }: Figure): boolean =>
  unit === "B" && "flight" in dimensions;

/** Whether a figure is shown here. */
export const isSize = ({ of }: SuiteRuns, { unit }: Figure): boolean =>
  unit === "B" && of.some(({ result }) => result?.figures.some(isOfFlight) === true);

export function sizeBlocks(suite: SuiteRuns): Block[] {
  const runs = suite.of.flatMap(({ result }) => (result === undefined ? [] : [result.figures]));
  const cases = casesOf((runs.at(-1) ?? []).filter(isOfFlight));
  if (cases.length === 0) return [];
  const colourOf = partColours(cases);
  const figures = panelsOf(cases).map(({ title, entries }): Block => {
    const nameOf = rowNamer(entries);
    const data = entries.flatMap((entry) =>
      entry.flights.flatMap((flight) =>
        flight.parts.map(({ name, bytes }): Part => ({
          row: nameOf(entry),
          band: flight.name,
          part: colourOf(name),
          value: bytes,
        })),
      ),
    );
    return {
      kind: "figure",
      figure: {
        id: slug(suite.id, title),
        title: title === "" ? "Every flight" : title,
        caption: `Bytes of each message in each flight, as they go over the wire; flights by number and sender. Dashed: one TCP segment (${exact(segment)} B), and the initial window of ten (10 × ${exact(segment)} = ${exact(initialWindow)} B, RFC 6928). A flight beyond the window costs another round trip.`,
        chart: stack(data, "bytes", [
          { at: segment, label: "one segment" },
          { at: initialWindow, label: "initial window" },
        ]),
      },
    };
  });
  return [
    ...differences(runs),
    ...figures,
    { kind: "table", table: flightTable(cases) },
    {
      kind: "more",
      summary: "Every message",
      blocks: [{ kind: "table", table: messageTable(cases) }],
    },
  ];
}

function differences(runs: readonly (readonly Figure[])[]): Block[] {
  const last = new Map(runs.at(-1)?.map(({ name, value }) => [name, value]));
  const gaps = runs.flatMap((figures) =>
    figures.map(({ name, value }) => Math.abs(value - (last.get(name) ?? value))),
  );
  return most(gaps) === 0
    ? []
    : [
        paragraph(
          `Where runs differ it is by at most ${exact(most(gaps))} B; the last run's sizes stand here.`,
        ),
      ];
}

const overhead = "record layer";

function casesOf(figures: readonly Figure[]): Case[] {
  const cases = new Map<string, { readonly dimensions: Dimensions; readonly of: Figure[] }>();
  for (const figure of figures) {
    const { flight: _flight, message: _message, role: _role, ...dimensions } = figure.dimensions;
    const key = JSON.stringify(dimensions);
    const found = cases.get(key) ?? { dimensions, of: [] };
    found.of.push(figure);
    cases.set(key, found);
  }
  return [...cases].map(([name, { dimensions, of }]) => ({
    name,
    dimensions,
    flights: flightsOf(of),
  }));
}

function flightsOf(figures: readonly Figure[]): Flight[] {
  const numbers = [...new Set(figures.map(({ dimensions }) => dimensions["flight"] ?? ""))];
  return numbers.map((number) => {
    const own = figures.filter(({ dimensions }) => dimensions["flight"] === number);
    const parts = own.flatMap(({ dimensions: { message }, value }) =>
      message === undefined ? [] : [{ name: message, bytes: value }],
    );
    const messages = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    const bytes = own.find(({ dimensions }) => !("message" in dimensions))?.value ?? messages;
    const role = own[0]?.dimensions["role"];
    return {
      name: [number, ...(role === undefined ? [] : [role])].join(" "),
      parts: bytes > messages ? [...parts, { name: overhead, bytes: bytes - messages }] : parts,
      bytes,
    };
  });
}

/** What is largest has the first colours; the small parts share the last. */
function partColours(cases: readonly Case[]): (name: string) => LegendEntry {
  const totals = new Map<string, number>();
  for (const { name, bytes } of cases.flatMap(({ flights }) =>
    flights.flatMap(({ parts }) => parts),
  ))
    totals.set(name, (totals.get(name) ?? 0) + bytes);
  const largest = [...totals]
    .filter(([name]) => name !== overhead)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 4)
    .map(([name]) => name);
  return (name) => {
    if (name === overhead) return { label: overhead, fill: "var(--open)", opacity: 0.5 };
    const at = largest.indexOf(name);
    return at < 0
      ? { label: "other messages", fill: hue(7), opacity: 1 }
      : { label: name, fill: hue(at), opacity: 1 };
  };
}

const total = (flights: readonly Flight[]): number =>
  flights.reduce((sum, { bytes }) => sum + bytes, 0);

function flightTable(cases: readonly Case[]): Table {
  const flights = [...new Set(cases.flatMap((one) => one.flights.map(({ name }) => name)))];
  const nameOf = rowNamer(cases);
  return {
    title: "Bytes of each flight, by its number and its sender",
    columns: [
      { title: "handshake" },
      ...flights.toSorted().map((title) => ({ title, align: "right" }) as const),
      { title: "in all", align: "right" },
    ],
    rows: cases.map((one) => [
      nameOf(one),
      ...flights.toSorted().map((flight) => {
        const found = one.flights.find(({ name }) => name === flight);
        return found === undefined ? "–" : exact(found.bytes);
      }),
      exact(total(one.flights)),
    ]),
  };
}

function messageTable(cases: readonly Case[]): Table {
  const nameOf = rowNamer(cases);
  return {
    title: "Bytes of each message",
    columns: [
      { title: "handshake" },
      { title: "flight" },
      { title: "message" },
      { title: "bytes", align: "right" },
    ],
    rows: cases.flatMap((one) =>
      one.flights.flatMap((flight) =>
        flight.parts.map(({ name, bytes }) => [nameOf(one), flight.name, name, exact(bytes)]),
      ),
    ),
  };
}
