import { type Cell, type Section, table } from "../../../../report/document.ts";
import { exact, significant } from "../../../../report/numbers.ts";
import { type CellRow } from "../../run.ts";
import { quantileOf, type Sorted, cellLabel } from "../figures.ts";
import { calm } from "../common.ts";

/**
 * A table of every signature by latency, a row for each group, chain and whatever else is compared beside it: what
 * sums of bytes cannot give, since windows step.
 */
export function signatureSection(sorted: Sorted): Section[] {
  const groups = calm(sorted);
  if (new Set(sorted.rows.map(({ values }) => values.signature)).size < 3) return [];
  const series = [...new Set(sorted.rows.map((row) => sorted.seriesOf(row)))];
  const lists = series.flatMap((one) => {
    const cells = groups.map(({ rows }) => rows.find((row) => sorted.seriesOf(row) === one));
    const some = cells.find((row) => row?.facts !== undefined);
    return some === undefined ? [] : [{ cells, some }];
  });
  const others = sorted.compared.filter((name) => name !== "signature");
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
            ...others.map((title) => ({ title })),
            { title: "" },
            { title: "server sends, bytes", align: "right" },
            ...shown.map(({ condition }) => ({
              title: condition || "ms",
              group: "median, ms",
              align: "right" as const,
            })),
            { title: "rounds", align: "right", detail: true },
          ],
          rows: inOrder.map(({ cells, some }): Cell[] => [
            some.values.signature,
            ...others.map((name) => cellLabel(name, some.values)),
            some.sizeOnly.length > 0 ? "size only" : "runs",
            exact(some.facts?.serverBytes ?? 0),
            ...shown.map((_, at) => significant(latency(cells[at]))),
            some.rounds === undefined ? "–" : String(some.rounds),
          ]),
        }),
      ],
    },
  ];
}
