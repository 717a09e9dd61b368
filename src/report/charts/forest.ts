import type { Goal, Tone } from "../document.ts";
import { interval, least, most, tick, times } from "../numbers.ts";
import { axes, layOut, rowNames, rowOptions, slotOf, ticksFor } from "./frame.ts";
import type { Charted, LegendEntry } from "./renderer.ts";

export interface Estimated {
  readonly row: string;
  /** Which run. */
  readonly band: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly goal?: Goal;
  /** How it stands to the goal; absent without one. */
  readonly tone?: Tone;
}

const colourOf = ({ tone }: Estimated): string =>
  tone === undefined ? "currentColor" : `var(--${tone})`;

/** Beside the colour, so that nobody needs it. */
const symbols = { reached: "circle", open: "diamond2", missed: "times" } as const;

/**
 * Estimates and their intervals on a logarithmic axis; where there is a goal, its good side is shaded.
 * `bands` are the runs in their order.
 */
export function forest(
  data: readonly Estimated[],
  label: string,
  bands: readonly string[],
): Charted {
  const ends = data.flatMap(({ low, high, goal }) => [low, high, ...limitOf(goal)]);
  const [from, to] = [Math.min(1, least(ends)) / 1.08, Math.max(1, most(ends)) * 1.08];
  return {
    legend: tones.filter(({ tone }) => data.some((one) => one.tone === tone)),
    draw(renderer, width) {
      const { Plot } = renderer;
      const isNarrow = width < 600;
      const rows = layOut(data, bands, {
        width,
        slotHeight: 18,
        marginRight: isNarrow ? 44 : 128,
      });
      const place = { y: slotOf };
      const goals = data.flatMap(({ row, band, goal }) =>
        limitOf(goal).map((at) => ({
          row,
          band,
          at,
          ...(goal !== undefined && "atMost" in goal ? { from, to: at } : { from: at, to }),
        })),
      );
      return Plot.plot({
        ...rowOptions(renderer, rows, width),
        x: { type: "log", domain: [from, to] },
        symbol: { type: "identity" },
        marks: [
          ...axes(renderer, label, Math.min(6, ticksFor(width, rows)), tick),
          Plot.barX(goals, {
            ...place,
            x1: "from",
            x2: "to",
            fill: "var(--reached)",
            fillOpacity: 0.12,
          }),
          Plot.ruleX([1], { strokeOpacity: 0.5 }),
          Plot.tickX(goals, { ...place, x: "at", stroke: "var(--reached)", strokeWidth: 2 }),
          Plot.ruleY(data, { ...place, x1: "low", x2: "high", stroke: colourOf, strokeWidth: 2 }),
          Plot.dot(data, {
            ...place,
            x: "value",
            r: 4,
            fill: colourOf,
            stroke: colourOf,
            symbol: ({ tone }: Estimated) => (tone === undefined ? "circle" : symbols[tone]),
          }),
          Plot.text(data, {
            ...place,
            text: ({ value, low, high }: Estimated) =>
              isNarrow ? times(value) : `${times(value)}  (${interval(low, high, times)})`,
            frameAnchor: "right",
            textAnchor: "start",
            dx: 8,
          }),
          ...rowNames(renderer, rows),
        ],
      }) as SVGElement;
    },
  };
}

const limitOf = (goal: Goal | undefined): number[] =>
  goal === undefined ? [] : ["atMost" in goal ? goal.atMost : goal.atLeast];

const tones: readonly (LegendEntry & { readonly tone: Tone })[] = [
  { tone: "reached", label: "goal reached", fill: "var(--reached)", opacity: 1 },
  { tone: "open", label: "the interval spans the goal", fill: "var(--open)", opacity: 1 },
  { tone: "missed", label: "goal missed", fill: "var(--missed)", opacity: 1 },
];
