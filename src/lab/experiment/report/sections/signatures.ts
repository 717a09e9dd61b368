import { type Cell, type Section, table } from "../../../../report/document.ts";
import { exact, significant } from "../../../../report/numbers.ts";
import { type CellRow } from "../../run.ts";
import { quantileOf, type Sorted } from "../figures.ts";
import { calm } from "../common.ts";

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
