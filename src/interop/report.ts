/** The matrix as a document: who was there, a table for each family, and why what was no success was none. */
import {
  type Block,
  type Cell as TableCell,
  type Document,
  notes,
  paragraph,
  table,
} from "../report/document.ts";
import { families, type InteropCase } from "./case.ts";
import { describeCell } from "./evidence.ts";
import type { Cell, Outcome } from "./matrix.ts";

/** An end of the matrix, and where it came from. */
export interface Participant {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** That it can be. */
  readonly roles: readonly string[];
}

export interface Absent {
  readonly title: string;
  readonly reason: string;
}

export interface MatrixResult {
  readonly participants: readonly Participant[];
  readonly absent: readonly Absent[];
  readonly tests: readonly InteropCase[];
  readonly cells: readonly Cell[];
}

const marks: Readonly<Record<Exclude<Outcome, "not supported">, Exclude<TableCell, string>>> = {
  passed: { text: "✓", tone: "reached" },
  failed: { text: "failed", tone: "missed" },
  "known fault": { text: "fault", tone: "open" },
  mended: { text: "mended", tone: "open" },
};

/** Where a cell's handshake is explained, seen from the page; `undefined` where that is nowhere. */
export type PageOf = (cell: Cell) => string | undefined;

function markOf(cell: Cell, pageOf: PageOf | undefined): TableCell {
  if (cell.outcome === "not supported") return "–";
  const href = pageOf?.(cell);
  return { ...marks[cell.outcome], ...(href !== undefined && { href }) };
}

export function matrixReport(
  { participants, absent, tests, cells }: MatrixResult,
  pageOf?: PageOf,
): Document {
  const count = (outcome: Outcome): number =>
    cells.filter((cell) => cell.outcome === outcome).length;
  const failed = cells.filter(({ outcome }) => outcome === "failed");
  return {
    title: "Interoperability",
    lead: [
      "Each column is a client and a server, each row a case. What happened is read from a tap between the two, with the secrets that they wrote down; what an end says of itself, or its exit code, does not count.",
      `${count("passed")} passed, ${count("failed")} failed, ${count("known fault")} failed as a peer is known to, ${count("not supported")} are not supported by one of the ends (–).`,
      ...(pageOf === undefined ? [] : ["A mark opens its handshake, explained byte by byte."]),
    ],
    warnings: failed.map((cell) => `${nameOf(cell)}: ${cell.reason}`),
    sections: [
      {
        id: "peers",
        title: "Who was there",
        blocks: [
          ...table({
            title: "Implementations",
            columns: [
              { title: "name" },
              { title: "implementation" },
              { title: "version" },
              { title: "as" },
            ],
            rows: participants.map(({ name, title, version, roles }) => [
              name,
              title,
              version,
              roles.join(", "),
            ]),
          }),
          ...(absent.length === 0 ? [] : [paragraph("Not there:")]),
          ...notes(absent.map(({ title, reason }) => `${title}: ${reason}`)),
        ],
      },
      ...families.flatMap((family) => {
        const rows = tests.filter((test) => test.family === family);
        if (rows.length === 0) return [];
        const blocks = [
          ...notes(rows.map(({ name, does, section }) => `${name}: ${does} (${section}).`)),
          ...partsOf(pairsIn(cells)).flatMap((pairs) =>
            familyTable(rows, pairs, { cells, pageOf }),
          ),
        ];
        return [{ id: family.replaceAll(" ", "-"), title: titleOf(family), blocks }];
      }),
      {
        id: "reasons",
        title: "What is known of peers",
        blocks: [...faults(cells), ...evidence(failed)],
      },
      { id: "not-supported", title: "Not supported", blocks: notes(unsupported(cells)) },
    ],
  };
}

const titleOf = (family: string): string => family[0]!.toUpperCase() + family.slice(1);
const nameOf = ({ test, client, server }: Cell): string => `${test}, ${client} to ${server}`;

interface Columns {
  readonly client: string;
  readonly server: string;
}

const pairsIn = (cells: readonly Cell[]): Columns[] => {
  const names = cells.map(({ client, server }) => `${client} ${server}`);
  return cells.filter((_, at) => names.indexOf(names[at]!) === at);
};

/** As many columns as can be read side by side: those with one client, and those with one server. */
function partsOf(pairs: readonly Columns[]): Columns[][] {
  const byServer = groupBy(pairs, ({ server }) => server);
  const common = byServer.filter((part) => part.length > 1);
  const others = byServer.filter((part) => part.length === 1).flat();
  return [...common, ...groupBy(others, ({ client }) => client)];
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const keys = [...new Set(items.map(key))];
  return keys.map((each) => items.filter((item) => key(item) === each));
}

function familyTable(
  tests: readonly InteropCase[],
  pairs: readonly Columns[],
  { cells, pageOf }: { readonly cells: readonly Cell[]; readonly pageOf: PageOf | undefined },
): Block[] {
  const one = (names: readonly string[]): string | undefined =>
    new Set(names).size === 1 ? names[0] : undefined;
  const server = one(pairs.map((pair) => pair.server));
  const client = one(pairs.map((pair) => pair.client));
  const title =
    server === undefined
      ? `${client} as the client, to`
      : client === undefined || pairs.length > 1
        ? `To ${server} as the server, from`
        : `${client} to ${server}`;
  return table({
    title,
    columns: [
      { title: server !== undefined && pairs.length > 1 ? `to ${server}, from` : title },
      ...pairs.map((pair) => ({ title: server === undefined ? pair.server : pair.client })),
    ],
    rows: tests.map(({ name }) => [
      name,
      ...pairs.map((pair) => {
        const cell = cells.find(
          (each) =>
            each.test === name && each.client === pair.client && each.server === pair.server,
        );
        return cell === undefined ? "" : markOf(cell, pageOf);
      }),
    ]),
  });
}

/** The same fault in many cells is said once. */
function faults(cells: readonly Cell[]): Block[] {
  const known = cells.filter(({ outcome }) => outcome === "known fault" || outcome === "mended");
  return notes(known.map((cell) => `${nameOf(cell)}: ${cell.reason}.`));
}

/** The trace beside what failed. */
const evidence = (failed: readonly Cell[]): Block[] =>
  failed.map((cell) => ({
    kind: "more",
    summary: nameOf(cell),
    blocks: describeCell(cell)
      .split("\n")
      .map((line) => paragraph(line)),
  }));

function unsupported(cells: readonly Cell[]): string[] {
  const lines = cells.flatMap(({ outcome, test, reason }) =>
    outcome === "not supported" ? [{ test, reason }] : [],
  );
  return groupBy(lines, ({ reason }) => reason).map((same) => {
    const tests = [...new Set(same.map(({ test }) => test))];
    return `${same[0]!.reason}: ${tests.join(", ")}.`;
  });
}
