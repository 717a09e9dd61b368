/** What all charts have in common: how they are drawn, their colours, their rows and their legend. */
import type * as PlotModule from "@observablehq/plot";
import { most } from "../numbers.ts";
import type { LegendEntry, Renderer } from "./renderer.ts";

/** One of the things that are compared in each row. */
export interface Series extends LegendEntry {
  /** Unique in the chart. */
  readonly label: string;
}

/**
 * After Okabe and Ito: apart for colour-blind eyes too, and each dark or light enough to be seen on
 * paper and on a dark screen.
 */
export const palette: Readonly<Record<string, { readonly light: string; readonly dark: string }>> =
  {
    paper: { light: "#ffffff", dark: "#131417" },
    "hue-0": { light: "#0072b2", dark: "#4aa3df" },
    "hue-1": { light: "#d98200", dark: "#e69f00" },
    "hue-2": { light: "#008a66", dark: "#1fbf95" },
    "hue-3": { light: "#b8568f", dark: "#d98bb8" },
    "hue-4": { light: "#7d7f86", dark: "#9b9ea6" },
    "hue-5": { light: "#c44d00", dark: "#f07b3a" },
    "hue-6": { light: "#3f9fd6", dark: "#8fcdf2" },
    "hue-7": { light: "#9a8a00", dark: "#e0d34a" },
    reached: { light: "#00755a", dark: "#2fc79c" },
    open: { light: "#6b6d75", dark: "#a3a7b0" },
    missed: { light: "#c23b00", dark: "#ff8350" },
  };

export const hue = (at: number): string => `var(--hue-${at % 8})`;

/** Breaks a number of runs down from pale to full: the last is what a reader wants to know most. */
export const strengthOf = (run: number, runs: number): number =>
  runs < 2 ? 1 : 0.4 + (0.6 * run) / (runs - 1);

const characterWidth = 7.1;

/** Where things stand: one bar's place below the other, those of a row together. */
export interface Rows {
  readonly marginLeft: number;
  readonly marginRight: number;
  readonly height: number;
  /** Of all places, from above; some are empty. */
  readonly slots: readonly string[];
  /** Names of rows stand beside their bars, or above them where there is no room. */
  readonly names: readonly RowName[];
  readonly isAbove: boolean;
}

interface RowName {
  readonly name: string;
  readonly slot: string;
  /** Pixels below the middle of the slot. */
  readonly dy: number;
}

/** A bar, or what stands in its place: named by its row and by what it is in the row. */
export interface Placed {
  readonly row: string;
  readonly band: string;
}

export const slotOf = ({ row, band }: Placed): string => `${row}\0${band}`;

interface Layout {
  readonly width: number;
  /** Of one bar. */
  readonly slotHeight?: number;
  readonly marginRight?: number;
}

/** Rows in order of appearance; the bars of a row in the order of `bands`. */
export function layOut(
  bars: readonly Placed[],
  bands: readonly string[],
  { width, slotHeight = 15, marginRight = 52 }: Layout,
): Rows {
  const inRow = new Map<string, Set<string>>();
  for (const { row, band } of bars) inRow.set(row, (inRow.get(row) ?? new Set()).add(band));
  const longest = most([...inRow.keys()].map((name) => name.length)) * characterWidth;
  const isAbove = longest > width * (width < 600 ? 0.22 : 0.36);
  const isSingle = [...inRow.values()].every(({ size }) => size === 1);
  const rows = [...inRow].map(([row, present]) => {
    const own = bands.filter((band) => present.has(band)).map((band) => slotOf({ row, band }));
    if (isAbove) {
      const lines = linesOf(row, lineLength(width));
      const names = lines.map((name, at) => ({ name, slot: emptySlot(row, at), dy: 1 }));
      return { names, slots: [...names.map(({ slot }) => slot), ...own] };
    }
    const empty = emptySlot(row, 0);
    const middle = own[Math.floor(own.length / 2)] ?? empty;
    const dy = own.length % 2 === 0 ? -slotHeight / 2 : 0;
    return { names: [{ name: row, slot: middle, dy }], slots: isSingle ? own : [...own, empty] };
  });
  const slots = rows.flatMap((row) => row.slots);
  return {
    marginLeft: isAbove ? 8 : longest + 14,
    marginRight,
    height: slots.length * slotHeight,
    slots,
    names: rows.flatMap((row) => row.names),
    isAbove,
  };
}

/** No bar has this name. */
const emptySlot = (row: string, line: number): string => `${row}\0\0${line}`;

/** Characters that a line holds. */
export const lineLength = (width: number): number => Math.floor((width - 16) / characterWidth);

/** Breaks a name between its words. */
export function linesOf(name: string, longest: number): string[] {
  const lines: string[] = [];
  for (const word of name.split(/(?<= )/)) {
    const last = lines.at(-1);
    if (last === undefined || (last + word).trimEnd().length > longest) lines.push(word);
    else lines[lines.length - 1] = last + word;
  }
  return lines.map((line) => line.trimEnd());
}

/** The names of rows. */
export const rowNames = ({ Plot }: Renderer, { names, isAbove }: Rows): PlotModule.Markish[] =>
  names.map(({ name, slot, dy }) =>
    Plot.text([name], {
      y: [slot],
      text: [name],
      frameAnchor: "left",
      textAnchor: isAbove ? "start" : "end",
      dx: isAbove ? 0 : -8,
      dy,
      // The grid does not go through letters
      stroke: "var(--paper)",
      strokeWidth: 4,
      fill: "currentColor",
    }),
  );

interface Margins {
  readonly marginTop: number;
  readonly marginBottom: number;
  readonly marginLeft: number;
  readonly marginRight: number;
}

/** Options of any plot: `height` is that of what is inside the margins. */
export const framed = (
  { document }: Renderer,
  width: number,
  margins: Margins,
  height: number,
): PlotModule.PlotOptions => ({
  ...margins,
  document,
  width,
  height: height + margins.marginTop + margins.marginBottom,
  opacity: { type: "identity" },
  color: { type: "identity" },
  className: "plot",
});

/** Options of a plot with rows. */
export const rowOptions = (
  renderer: Renderer,
  rows: Rows,
  width: number,
): PlotModule.PlotOptions => ({
  ...framed(
    renderer,
    width,
    {
      marginTop: 22,
      marginBottom: 40,
      marginLeft: rows.marginLeft,
      marginRight: rows.marginRight,
    },
    rows.height,
  ),
  y: { type: "band", domain: rows.slots, axis: null, padding: 0.12 },
});

/** The axis below, with its grid. */
export const axes = (
  { Plot }: Renderer,
  label: string,
  ticks: number,
  tickFormat: (value: number) => string,
): PlotModule.Markish[] => [
  Plot.gridX({ ticks, strokeOpacity: 0.12 }),
  Plot.axisX({ ticks, tickSize: 0, tickFormat, label, labelAnchor: "right", labelArrow: "none" }),
];

/** The same above, where the one below is far away. */
export const axisAbove = (
  { Plot }: Renderer,
  { height }: Rows,
  ticks: number,
  tickFormat: (value: number) => string,
): PlotModule.Markish[] =>
  height > 700 ? [Plot.axisX({ anchor: "top", ticks, tickSize: 0, tickFormat, label: null })] : [];

/** Whoever looks at a length must know that it is none. */
export const scaleName = (label: string, isLogarithmic: boolean): string =>
  isLogarithmic ? `${label} (logarithmic)` : label;

/** As many ticks as find room. */
export const ticksFor = (width: number, { marginLeft, marginRight }: Rows): number =>
  Math.max(3, Math.floor((width - marginLeft - marginRight) / 72));
