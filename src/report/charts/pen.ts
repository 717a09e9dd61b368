/** What draws, and what is drawn. */
import type * as PlotModule from "@observablehq/plot";

/** Draws, once it is loaded. */
export interface Pen {
  /** @internal whoever hands a pen on needs none of that package's types */
  readonly Plot: typeof PlotModule;
  readonly document: Document;
}

/** A chart that can be drawn at any width. */
export interface Charted {
  readonly legend: readonly LegendEntry[];
  /** `width` in pixels. Colours are the variables of {@link palette}. */
  draw(pen: Pen, width: number): SVGElement;
}

/** An entry of a chart's legend: a label, and the colour that stands for it. */
export interface LegendEntry {
  readonly label: string;
  readonly fill: string;
  readonly opacity: number;
}
