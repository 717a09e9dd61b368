import { least, most, tick } from "../numbers.ts";
import { distinct } from "./bars.ts";
import { isFarApart } from "./boxes.ts";
import { framed, lineLength, linesOf, scaleName, type Series } from "./frame.ts";
import type { Charted } from "./renderer.ts";

export interface LinePoint {
  readonly panel: string;
  readonly series: Series;
  readonly x: number;
  readonly y: number;
  /** An interval, where there is one. */
  readonly low?: number;
  readonly high?: number;
}

export interface LineLabels {
  readonly x: string;
  readonly y: string;
  /** For values on the axis below; default: the number. */
  readonly tick?: (value: number) => string;
}

/** What follows from a number: a line for each series, a panel for each condition, intervals as bands. */
export function lines(data: readonly LinePoint[], labels: LineLabels): Charted {
  const series = distinct(data.map((point) => point.series));
  const panels = [...new Set(data.map(({ panel }) => panel))];
  const isWide = isFarApart(data.map(({ y }) => y));
  const points = data.map((point) => ({ ...point, ...point.series, name: point.series.label }));
  const low = least(points.map((point) => point.low ?? point.y));
  const high = most(points.map((point) => point.high ?? point.y));
  const yTicks = isWide ? decades(low, high) : 4;
  const bands = points.filter((point) => point.low !== undefined && point.high !== undefined);
  return {
    legend: series,
    draw(renderer, width) {
      const { Plot } = renderer;
      const margins = { marginTop: 30, marginBottom: 40, marginLeft: 58, marginRight: 16 };
      const xTicks = [...new Set(data.map(({ x }) => x))];
      const room = Math.max(3, Math.floor(width / 80));
      const line = { fy: "panel", z: "name", x: "x" } as const;
      return Plot.plot({
        ...framed(renderer, width, margins, panels.length * (panels.length > 1 ? 210 : 300)),
        fy: { domain: panels, axis: null, padding: 0.2 },
        x: { domain: [least(xTicks), most(xTicks)] },
        y: isWide ? { type: "log", domain: [low / 1.15, high * 1.15] } : { nice: true },
        marks: [
          Plot.gridX({ ticks: room, strokeOpacity: 0.12 }),
          Plot.gridY({ ticks: yTicks, strokeOpacity: 0.12 }),
          Plot.axisX({
            ticks: room,
            tickSize: 0,
            tickFormat: labels.tick ?? tick,
            label: labels.x,
            labelAnchor: "right",
            labelArrow: "none",
          }),
          Plot.axisY({ ticks: yTicks, tickSize: 0, tickFormat: tick, label: null }),
          Plot.areaY(bands, { ...line, y1: "low", y2: "high", fill: "fill", fillOpacity: 0.14 }),
          Plot.line(points, {
            ...line,
            y: "y",
            stroke: "fill",
            strokeOpacity: "opacity",
            strokeWidth: 1.75,
          }),
          Plot.dot(points, {
            fy: "panel",
            x: "x",
            y: "y",
            r: 2.5,
            fill: "fill",
            fillOpacity: "opacity",
          }),
          Plot.text(panels, {
            fy: (name: string) => name,
            text: (name: string) =>
              linesOf(
                [name, scaleName(labels.y, isWide)].filter((part) => part !== "").join(" · "),
                lineLength(width),
              ).join("\n"),
            frameAnchor: "top-left",
            textAnchor: "start",
            lineAnchor: "bottom",
            dx: -54,
            dy: -10,
          }),
        ],
      }) as SVGElement;
    },
  };
}

/** 1, 2 and 5 times the powers of ten that lie between; of many powers only these. */
function decades(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const steps = last - first > 3 ? [1] : [1, 2, 5];
  return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at))
    .flatMap((power) => steps.map((step) => step * power))
    .filter((value) => value >= low / 1.15 && value <= high * 1.15);
}
