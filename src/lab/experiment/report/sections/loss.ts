import { lines, type LinePoint } from "../../../../report/charts/lines.ts";
import { type Section } from "../../../../report/document.ts";
import { isSound, percent, quantileOf, type Sorted } from "../figures.ts";
import { figure, isNumber, most, repetitionsOf } from "../common.ts";

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

const endings: Readonly<Record<string, string>> = { one: "st", two: "nd", few: "rd" };
const rules = new Intl.PluralRules("en", { type: "ordinal" });

const ordinal = (percentile: number): string =>
  percentile === 50
    ? "Median"
    : `${percentile}${endings[rules.select(percentile)] ?? "th"} percentile`;
