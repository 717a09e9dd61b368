import { tick } from "../numbers.ts";
import { distinct } from "./bars.ts";
import { isFarApart, type Sample } from "./boxes.ts";
import { framed, lineLength, linesOf, scaleName, type Series } from "./frame.ts";
import type { Charted } from "./renderer.ts";

/** More could not be told apart, nor read. */
const mostPanels = 20;

/**
 * Which part of the samples took at most how long: nothing is summarised away. There is a panel for
 * each row; where they would be too many, all lines are in one.
 */
export function ecdf(data: readonly Sample[], label: string): Charted {
  const series = distinct(data.map((sample) => sample.series));
  const rows = [...new Set(data.map(({ row }) => row))];
  const isCrowded = rows.length > mostPanels;
  const panels = isCrowded ? [""] : rows;
  const steps = series.flatMap((one) =>
    rows.flatMap((row) => stepsOf(data, row, one, isCrowded ? "" : row)),
  );
  const isWide = isFarApart(data.map(({ value }) => value));
  return {
    legend: series,
    draw(renderer, width) {
      const { Plot } = renderer;
      const ticks = isWide ? 4 : Math.max(3, Math.floor(width / 80));
      const margins = { marginTop: 26, marginBottom: 40, marginLeft: 44, marginRight: 16 };
      return Plot.plot({
        ...framed(renderer, width, margins, isCrowded ? 360 : panels.length * 112),
        fy: { domain: panels, axis: null, padding: isCrowded ? 0 : 0.25 },
        x: { type: isWide ? "log" : "linear", nice: true },
        y: { domain: [0, 1], axis: null },
        marks: [
          Plot.gridX({ ticks, strokeOpacity: 0.12 }),
          Plot.gridY({ ticks: [0, 0.25, 0.5, 0.75, 1], strokeOpacity: 0.12 }),
          Plot.axisX({
            ticks,
            tickSize: 0,
            tickFormat: tick,
            label: scaleName(label, isWide),
            labelAnchor: "right",
            labelArrow: "none",
          }),
          Plot.axisY({ ticks: [0, 0.5, 1], tickSize: 0, label: null, tickFormat: "%" }),
          Plot.line(steps, {
            fy: "panel",
            z: "line",
            x: "value",
            y: "part",
            curve: "step-after",
            stroke: "fill",
            strokeOpacity: isCrowded ? 0.3 : "opacity",
            strokeWidth: isCrowded ? 1 : 1.75,
          }),
          Plot.text(panels, {
            fy: (name: string) => name,
            text: (name: string) => linesOf(name, lineLength(width)).join("\n"),
            frameAnchor: "top-left",
            textAnchor: "start",
            lineAnchor: "bottom",
            dx: -40,
            dy: -9,
          }),
        ],
      }) as SVGElement;
    },
  };
}

interface Step extends Series {
  readonly panel: string;
  /** Unlike that of other lines. */
  readonly line: string;
  readonly value: number;
  /** Of the samples, that took no longer. */
  readonly part: number;
}

function stepsOf(data: readonly Sample[], row: string, series: Series, panel: string): Step[] {
  const line = `${row}\0${series.label}`;
  const sorted = data
    .filter((sample) => sample.row === row && sample.series.label === series.label)
    .map(({ value }) => value)
    .toSorted((a, b) => a - b);
  const start = sorted.slice(0, 1).map((value) => ({ ...series, panel, line, value, part: 0 }));
  const steps = sorted.map((value, at) => ({
    ...series,
    panel,
    line,
    value,
    part: (at + 1) / sorted.length,
  }));
  return [...start, ...steps];
}
