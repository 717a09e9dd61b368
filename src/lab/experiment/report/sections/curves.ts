import { lines, type LinePoint } from "../../../../report/charts/lines.ts";
import { type Section } from "../../../../report/document.ts";
import { exact } from "../../../../report/numbers.ts";
import type { FactorName } from "../../factors.ts";
import type { CellRow } from "../../run.ts";
import { coresOf, isSound, percent, quantileOf, type Sorted } from "../figures.ts";
import { figure, isNumber, most, repetitionsOf } from "../common.ts";

/** Percentiles against loss, a panel for each condition (Paquin, Stebila, Tamvada 2020). */
export const lossSection = (sorted: Sorted, percentiles: readonly number[]): Section[] =>
  curves(sorted, percentiles, {
    factor: "loss",
    title: "Loss",
    x: "packets lost",
    tick: percent,
    at: ({ values: { loss } }) => (isNumber(loss) ? loss : undefined),
    panelOf: () => [],
  });

/** Percentiles against what arrives in a second, or how many clients there are. */
export const loadSection = (sorted: Sorted, percentiles: readonly number[]): Section[] =>
  (["perSecond", "parallel"] as const).flatMap((kind) =>
    curves(sorted, percentiles, {
      factor: "load",
      id: `load-${kind}`,
      title: kind === "perSecond" ? "Load" : "Clients at once",
      x: kind === "perSecond" ? "handshakes that arrive in a second" : "clients at once",
      tick: exact,
      at: ({ values: { load } }) => {
        const given: Readonly<Record<string, unknown>> = load === "none" ? {} : load;
        return isNumber(given[kind]) ? given[kind] : undefined;
      },
      panelOf: ({ values: { load } }) => (load === "none" ? [] : [coresOf(load)]),
    }),
  );

/** What percentiles are drawn against. */
interface Axis {
  readonly factor: FactorName;
  /** Default: as the factor. */
  readonly id?: string;
  readonly title: string;
  readonly x: string;
  readonly tick: (value: number) => string;
  /** Where a cell stands on it; undefined: nowhere. */
  readonly at: (row: CellRow) => number | undefined;
  /** What of the factor is the panel's. */
  readonly panelOf: (row: CellRow) => readonly string[];
}

function curves(
  sorted: Sorted,
  percentiles: readonly number[],
  { factor, id = factor, title, x, tick, at, panelOf }: Axis,
): Section[] {
  const rows = sorted.rows.filter((row) => isSound(row) && at(row) !== undefined);
  if (!sorted.varied.includes(factor) || rows.length === 0) return [];
  const blocks = percentiles.flatMap((percentile) => {
    const points = rows.flatMap((row): LinePoint[] => {
      const found = quantileOf(row.ms, percentile);
      if (found === undefined || !Number.isFinite(found.value)) return [];
      const { value: y, low, high } = found;
      return [
        {
          panel: [sorted.conditionOf(row, [factor]), ...panelOf(row)]
            .filter((part) => part !== "")
            .join(" · "),
          series: sorted.seriesOf(row),
          x: at(row)!,
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
        `${id}-p${percentile}`,
        `${ordinal(percentile)} against ${title.toLowerCase()}`,
        `Milliseconds; bands are 95 % intervals by order statistics, of ${repetitionsOf(rows)}. What failed counts as for ever.`,
        lines(shown, { x, y: "ms", tick }),
      ),
    ];
  });
  return blocks.length === 0 ? [] : [{ id, title, blocks }];
}

const endings: Readonly<Record<string, string>> = { one: "st", two: "nd", few: "rd" };
const rules = new Intl.PluralRules("en", { type: "ordinal" });

const ordinal = (percentile: number): string =>
  percentile === 50
    ? "Median"
    : `${percentile}${endings[rules.select(percentile)] ?? "th"} percentile`;
