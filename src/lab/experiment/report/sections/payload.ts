import { hue } from "../../../../report/charts/frame.ts";
import { lines, type LinePoint } from "../../../../report/charts/lines.ts";
import { type Section } from "../../../../report/document.ts";
import { exact } from "../../../../report/numbers.ts";
import { type CellRow } from "../../run.ts";
import { isSound, quantileOf, type Sorted } from "../figures.ts";
import { figure, groupBy, most } from "../common.ts";

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
  const keyOf = (row: CellRow): string =>
    JSON.stringify([sorted.conditionOf(row), row.values.payload]);
  const basis = groupBy(
    rows.filter((row) => nameOf(row) === base),
    keyOf,
  );
  const medianOf = (row: CellRow): number => quantileOf(row.ms, 50)?.value ?? Number.NaN;
  const points = rows.flatMap((row): LinePoint[] => {
    const panel = sorted.conditionOf(row);
    const [other] = basis.get(keyOf(row)) ?? [];
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
