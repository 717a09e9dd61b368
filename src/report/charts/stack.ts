import { exact, most } from "../numbers.ts";
import { axes, layOut, type Placed, rowNames, rowOptions, slotOf, ticksFor } from "./frame.ts";
import type { Charted, LegendEntry } from "./renderer.ts";

/** A part of a bar. */
export interface Part extends Placed {
  readonly part: LegendEntry;
  readonly value: number;
}

/** A length that bars are held against. */
export interface Mark {
  readonly at: number;
  readonly label: string;
}

/** Bars grouped by row, each put together from parts, with its sum and its name at the end. */
export function stack(data: readonly Part[], label: string, marks: readonly Mark[]): Charted {
  const sums = new Map<string, Placed & { readonly value: number }>();
  for (const { row, band, value } of data) {
    const before = sums.get(slotOf({ row, band }))?.value ?? 0;
    sums.set(slotOf({ row, band }), { row, band, value: before + value });
  }
  const bars = [...sums.values()];
  const longest = most(bars.map(({ value }) => value));
  // A line far beyond all bars would only squeeze them
  const near = marks.filter(({ at }) => at < longest * 2);
  return {
    legend: [...new Map(data.map(({ part }) => [part.label, part])).values()],
    draw(renderer, width) {
      const { Plot } = renderer;
      const bands = [...new Set(data.map(({ band }) => band))];
      const rows = layOut(data, bands, { width, slotHeight: 17, marginRight: 100 });
      return Plot.plot({
        ...rowOptions(renderer, rows, width),
        x: { domain: [0, Math.max(longest, most(near.map(({ at }) => at))) * 1.02] },
        marks: [
          ...axes(renderer, label, ticksFor(width, rows), exact),
          Plot.barX(data, {
            y: slotOf,
            x: "value",
            fill: ({ part }: Part) => part.fill,
            fillOpacity: ({ part }: Part) => part.opacity,
            order: null,
          }),
          Plot.ruleX(near, { x: "at", strokeDasharray: "3 3", strokeOpacity: 0.7 }),
          Plot.text(bars, {
            y: slotOf,
            x: "value",
            text: ({ value, band }: (typeof bars)[number]) => `${exact(value)}  ${band}`,
            textAnchor: "start",
            dx: 5,
            fontSize: 11,
            stroke: "var(--paper)",
            strokeWidth: 4,
            fill: "currentColor",
          }),
          ...near.map((mark) =>
            Plot.text([mark], {
              x: "at",
              text: "label",
              frameAnchor: "top",
              textAnchor: mark.at < longest / 2 ? "start" : "end",
              dy: -14,
              fontSize: 11,
            }),
          ),
          ...rowNames(renderer, rows),
        ],
      }) as SVGElement;
    },
  };
}
