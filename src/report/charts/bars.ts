import { least, most, significant, tick } from "../numbers.ts";
import {
  axes,
  axisAbove,
  layOut,
  rowNames,
  rowOptions,
  scaleName,
  type Series,
  slotOf,
  ticksFor,
} from "./frame.ts";
import type { Charted, Renderer } from "./renderer.ts";

export interface Bar {
  readonly row: string;
  readonly series: Series;
  readonly value: number;
  /** An interval, where there is one. */
  readonly low?: number;
  readonly high?: number;
}

/** A bar begins at zero, so it cannot show what is much less: then there are dots on a logarithmic axis. */
const barsUpTo = 60;

/** Grouped by row, a bar for each series, with ticks at both ends of the interval. */
export function bars(data: readonly Bar[], label: string): Charted {
  const series = distinct(data.map((bar) => bar.series));
  const values = data.map(({ value }) => value).filter((value) => value > 0);
  const ends = data
    .flatMap(({ value, low = value, high = value }) => [low, value, high])
    .filter((end) => end > 0);
  const isWide = most(values) / least(values) > barsUpTo;
  return {
    legend: series,
    draw(renderer, width) {
      const { Plot } = renderer;
      const rows = layOut(
        data.map((bar) => ({ row: bar.row, band: bar.series.label })),
        series.map((one) => one.label),
        { width },
      );
      const paint = {
        y: placeOf,
        x: "value",
        fill: (bar: Bar) => bar.series.fill,
        fillOpacity: (bar: Bar) => bar.series.opacity,
      };
      return Plot.plot({
        ...rowOptions(renderer, rows, width),
        x: isWide
          ? { type: "log", domain: [least(ends) / 1.4, most(ends) * 1.4] }
          : { zero: true, nice: true },
        marks: [
          ...axes(renderer, scaleName(label, isWide), isWide ? 4 : ticksFor(width, rows), tick),
          ...axisAbove(renderer, rows, isWide ? 4 : ticksFor(width, rows), tick),
          ...(isWide ? [] : [Plot.barX(data, paint)]),
          ...whiskers(renderer, data),
          ...(isWide ? [Plot.dot(data, { ...paint, r: 4 })] : []),
          Plot.text(data, {
            y: placeOf,
            x: (bar: Bar) => bar.high ?? bar.value,
            text: (bar: Bar) => significant(bar.value),
            textAnchor: "start",
            dx: isWide ? 8 : 5,
            fontSize: 11,
          }),
          ...rowNames(renderer, rows),
        ],
      }) as SVGElement;
    },
  };
}

const placeOf = ({ row, series }: Bar): string => slotOf({ row, band: series.label });

function whiskers({ Plot }: Renderer, data: readonly Bar[]) {
  const withInterval = data.filter(({ low, high }) => low !== undefined && high !== undefined);
  return [
    Plot.ruleY(withInterval, { y: placeOf, x1: "low", x2: "high", strokeWidth: 1.5 }),
    ...["low", "high"].map((x) =>
      Plot.tickX(withInterval, { y: placeOf, x, insetTop: 2, insetBottom: 2, strokeWidth: 1.5 }),
    ),
  ];
}

/** By label; those of one colour stand together, the pale before the strong. */
export function distinct(series: readonly Series[]): Series[] {
  return [...new Map(series.map((one) => [one.label, one])).values()].toSorted(
    (a, b) => a.fill.localeCompare(b.fill) || a.opacity - b.opacity,
  );
}
