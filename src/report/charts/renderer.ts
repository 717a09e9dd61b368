/** What draws, and what is drawn. */
import type * as PlotModule from "@observablehq/plot";

/** Draws, once it is loaded. */
export interface Renderer {
  /** @internal whoever hands a renderer on needs none of that package's types */
  readonly Plot: typeof PlotModule;
  /** The document in which elements are made. */
  readonly document: Document;
}

/** A chart that can be drawn at any width. */
export interface Charted {
  /** What colours stand for. */
  readonly legend: readonly LegendEntry[];
  /** `width` in pixels. Colours are the variables of {@link palette}. */
  draw(renderer: Renderer, width: number): SVGElement;
}

/** An entry of a chart's legend: a label, and the colour that stands for it. */
export interface LegendEntry {
  /** What it stands for. */
  readonly label: string;
  /** A colour, as CSS has it. */
  readonly fill: string;
  /** 0 to 1. */
  readonly opacity: number;
}
