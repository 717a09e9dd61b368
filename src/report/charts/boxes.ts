import { least, most, tick } from "../numbers.ts";
import { distinct } from "./bars.ts";
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
import type { Charted } from "./renderer.ts";

export interface Sample {
  readonly row: string;
  readonly series: Series;
  readonly value: number;
}

/** Quartiles, whiskers of at most 1.5 times their distance, and every sample beyond as a dot. */
export function boxes(data: readonly Sample[], label: string): Charted {
  const series = distinct(data.map((sample) => sample.series));
  const isWide = isFarApart(data.map(({ value }) => value));
  return {
    legend: series,
    draw(renderer, width) {
      const { Plot } = renderer;
      const rows = layOut(
        data.map((sample) => ({ row: sample.row, band: sample.series.label })),
        series.map((one) => one.label),
        { width, slotHeight: 17 },
      );
      return Plot.plot({
        ...rowOptions(renderer, rows, width),
        x: { type: isWide ? "log" : "linear", nice: true },
        marks: [
          ...axes(renderer, scaleName(label, isWide), isWide ? 4 : ticksFor(width, rows), tick),
          ...axisAbove(renderer, rows, isWide ? 4 : ticksFor(width, rows), tick),
          ...series.map(({ label: band, fill, opacity }) =>
            Plot.boxX(
              data.filter((sample) => sample.series.label === band),
              {
                y: ({ row }: Sample) => slotOf({ row, band }),
                x: "value",
                fill,
                fillOpacity: opacity,
                r: 2,
                strokeWidth: 1.25,
              },
            ),
          ),
          ...rowNames(renderer, rows),
        ],
      }) as SVGElement;
    },
  };
}

/** Too far for one linear axis. */
export const isFarApart = (values: readonly number[]): boolean =>
  least(values) > 0 && most(values) / least(values) > 6;
