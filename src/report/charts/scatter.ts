import { exact, least, most, tick } from "../numbers.ts";
import { distinct } from "./bars.ts";
import { isFarApart } from "./boxes.ts";
import { type Charted, framed, scaleName, type Series } from "./frame.ts";
import type { Mark } from "./stack.ts";

export interface Spot {
  readonly series: Series;
  readonly x: number;
  readonly y: number;
  /** Stands beside the spot, where there is room. */
  readonly label: string;
}

export interface ScatterLabels {
  readonly x: string;
  readonly y: string;
}

/** One number against another, with lines across at values that mean something. */
export function scatter(
  data: readonly Spot[],
  labels: ScatterLabels,
  across: readonly Mark[] = [],
  upright: readonly Mark[] = [],
): Charted {
  const series = distinct(data.map((spot) => spot.series));
  const isWideX = isFarApart(data.map(({ x }) => x));
  const ys = [...data.map(({ y }) => y), ...across.map(({ at }) => at)];
  const xs = data.map(({ x }) => x);
  const shown = upright.filter(({ at }) => at > least(xs) * 0.7 && at < most(xs) * 1.4);
  return {
    legend: series,
    draw(pen, width) {
      const { Plot } = pen;
      const margins = { marginTop: 30, marginBottom: 40, marginLeft: 58, marginRight: 70 };
      const isNarrow = width < 600;
      const spots = data.map((spot) => ({ ...spot, ...spot.series, text: spot.label }));
      // At the right edge names stand before their spots
      const edge = isWideX
        ? most(xs) ** 0.85 * least(xs) ** 0.15
        : most(xs) * 0.85 + least(xs) * 0.15;
      const names = [
        { side: "start" as const, of: apart(spots).filter(({ x }) => x <= edge) },
        { side: "end" as const, of: apart(spots).filter(({ x }) => x > edge) },
      ];
      return Plot.plot({
        ...framed(pen, width, margins, isNarrow ? 320 : 420),
        x: isWideX
          ? { type: "log", domain: [least(xs) / 1.15, most(xs) * 1.15] }
          : { nice: true, domain: [least(xs), most(xs)], insetLeft: 12, insetRight: 12 },
        y: { domain: [least(ys) - (most(ys) - least(ys)) * 0.06, most(ys) * 1.02] },
        marks: [
          Plot.gridX({ ticks: isWideX ? 3 : 5, strokeOpacity: 0.12 }),
          Plot.axisX({
            ticks: isWideX ? 3 : Math.max(3, Math.floor(width / 110)),
            tickSize: 0,
            tickFormat: exact,
            label: scaleName(labels.x, isWideX),
            labelAnchor: "right",
            labelArrow: "none",
          }),
          Plot.axisY({ ticks: 6, tickSize: 0, tickFormat: tick, label: null }),
          Plot.ruleY(across, { y: "at", strokeDasharray: "3 3", strokeOpacity: 0.6 }),
          Plot.text(across, {
            y: "at",
            text: "label",
            frameAnchor: "right",
            textAnchor: "start",
            dx: 6,
            fontSize: 11,
          }),
          Plot.ruleX(shown, { x: "at", strokeDasharray: "1 3", strokeOpacity: 0.7 }),
          Plot.text(shown, {
            x: "at",
            text: "label",
            frameAnchor: "top",
            textAnchor: "start",
            dx: 4,
            dy: 2,
            fontSize: 11,
          }),
          Plot.dot(spots, { x: "x", y: "y", r: 4, fill: "fill", fillOpacity: 0.85 }),
          ...(isNarrow
            ? []
            : names.map(({ side, of }) =>
                Plot.text(of, {
                  x: "x",
                  y: "y",
                  text: "text",
                  textAnchor: side,
                  dx: side === "start" ? 7 : -7,
                  fontSize: 10,
                  stroke: "var(--paper)",
                  strokeWidth: 3,
                  fill: "currentColor",
                }),
              )),
          Plot.text([labels.y], {
            text: (text: string) => text,
            frameAnchor: "top-left",
            lineAnchor: "bottom",
            textAnchor: "start",
            dx: -54,
            dy: -10,
          }),
        ],
      }) as SVGElement;
    },
  };
}

/** Names would lie on each other: of those that are near each other one is written. */
function apart<T extends { readonly x: number; readonly y: number }>(spots: readonly T[]): T[] {
  const [width, height] = [
    most(spots.map(({ x }) => Math.log(x))) - least(spots.map(({ x }) => Math.log(x))),
    most(spots.map(({ y }) => y)) - least(spots.map(({ y }) => y)),
  ];
  const kept: T[] = [];
  for (const spot of spots) {
    const isFree = kept.every(
      (other) =>
        Math.abs(Math.log(other.x) - Math.log(spot.x)) > width / 7 ||
        Math.abs(other.y - spot.y) > Math.max(height, 1e-9) / 28,
    );
    if (isFree) kept.push(spot);
  }
  return kept;
}
