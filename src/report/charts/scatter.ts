import { exact, least, most, tick } from "../numbers.ts";
import { distinct } from "./bars.ts";
import { isFarApart } from "./boxes.ts";
import { framed, scaleName, type Series } from "./frame.ts";
import type { Charted } from "./renderer.ts";
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
    draw(renderer, width) {
      const { Plot } = renderer;
      const margins = { marginTop: 30, marginBottom: 40, marginLeft: 58, marginRight: 70 };
      const isNarrow = width < 600;
      const height = isNarrow ? 320 : 420;
      const spots = data.map((spot) => ({ ...spot, ...spot.series, text: spot.label }));
      const pad = (most(xs) - least(xs) || 1) * 0.04;
      const domainX = isWideX
        ? ([least(xs) / 1.15, most(xs) * 1.15] as const)
        : ([least(xs) - pad, most(xs) + pad] as const);
      const domainY = [
        least(ys) - (most(ys) - least(ys)) * 0.06,
        most(ys) + (most(ys) - least(ys)) * 0.06,
      ] as const;
      const scale = isWideX ? Math.log : (value: number): number => value;
      const plotX = between(domainX.map(scale), [margins.marginLeft, width - margins.marginRight]);
      const plotY = between(domainY, [height - margins.marginBottom, margins.marginTop]);
      const pixelX = (x: number): number => plotX(scale(x));
      const names = isNarrow
        ? []
        : placed(
            spots.map((spot) => ({ ...spot, at: [pixelX(spot.x), plotY(spot.y)] as const })),
            width,
            across.map(({ at, label }) => boxOf(label, [width - 64, plotY(at)], places[2])),
          );
      const ticksX = isWideX ? logTicks(domainX, pixelX) : Math.max(3, Math.floor(width / 110));
      return Plot.plot({
        ...framed(renderer, width, margins, height),
        x: { domain: [...domainX], ...(isWideX && { type: "log" }) },
        y: { domain: [...domainY] },
        marks: [
          Plot.gridX({ ticks: ticksX, strokeOpacity: 0.12 }),
          Plot.axisX({
            ticks: ticksX,
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
          ...places.map((place) =>
            Plot.text(
              names.filter((name) => name.place === place),
              {
                x: "x",
                y: "y",
                text: "text",
                textAnchor: place.anchor,
                dx: place.dx,
                dy: place.dy,
                fontSize: 10,
                stroke: "var(--paper)",
                strokeWidth: 3,
                fill: "currentColor",
              },
            ),
          ),
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

/** Where a name may stand beside its spot, the best first: above it, no line runs through it. */
const places = [
  { anchor: "middle", dx: 0, dy: -11 },
  { anchor: "middle", dx: 0, dy: 11 },
  { anchor: "start", dx: 7, dy: 0 },
  { anchor: "end", dx: -7, dy: 0 },
] as const;
type Place = (typeof places)[number];

/** Pixels: left, top, right, bottom. */
type Box = readonly [number, number, number, number];

/** Names that lie on no spot, on no other name, and not where something else is written. One for which there is no such place is not written. */
export function placed<T extends { readonly text: string; readonly at: readonly [number, number] }>(
  spots: readonly T[],
  width: number,
  written: readonly Box[] = [],
): (T & { readonly place: Place })[] {
  const taken: Box[] = [
    ...written,
    ...spots.map(({ at: [x, y] }): Box => [x - 5, y - 5, x + 5, y + 5]),
  ];
  return spots.flatMap((spot) => {
    for (const place of places) {
      const box = boxOf(spot.text, spot.at, place);
      if (box[0] < 0 || box[2] > width || taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      return [{ ...spot, place }];
    }
    return [];
  });
}

function boxOf(text: string, [x, y]: readonly [number, number], place: Place): Box {
  // Ten pixels high, and letters are hardly wider than six
  const length = 6 * text.length;
  const left = { start: x + place.dx, middle: x - length / 2, end: x + place.dx - length };
  const from = left[place.anchor];
  return [from, y + place.dy - 5, from + length, y + place.dy + 5];
}

const overlap = (a: Box, b: Box): boolean =>
  a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

const between =
  (from: readonly number[], to: readonly [number, number]) =>
  (value: number): number =>
    to[0] + ((value - from[0]!) / (from[1]! - from[0]! || 1)) * (to[1] - to[0]);

/** Powers of ten, and between them two and five times as much, as far as their names find room. */
export function logTicks(
  [from, to]: readonly [number, number],
  pixel: (value: number) => number,
): number[] {
  const kept: number[] = [];
  for (const factor of [1, 5, 2]) {
    for (let power = 10 ** Math.floor(Math.log10(from)); power <= to; power *= 10) {
      const value = factor * power;
      const isFree = kept.every((other) => Math.abs(pixel(other) - pixel(value)) > 56);
      if (value >= from && value <= to && isFree) kept.push(value);
    }
  }
  return kept.toSorted((a, b) => a - b);
}
