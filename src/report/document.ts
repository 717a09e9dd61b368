/** What a report consists of, whatever it is written as. All strings are text without markup. */
import type { Charted } from "./charts/renderer.ts";

/** A report: words, tables and figures in sections. */
export interface Document {
  /** Its heading. */
  readonly title: string;
  /** Paragraphs before the first section. */
  readonly lead: readonly string[];
  /** What a reader must know before they believe a number. */
  readonly warnings: readonly string[];
  /** In order. */
  readonly sections: readonly Section[];
}

/** A part of it, under a title. */
export interface Section {
  /** For links. */
  readonly id: string;
  /** Its heading. */
  readonly title: string;
  /** What stands in it, in order. */
  readonly blocks: readonly Block[];
}

/** What stands in a section. */
export type Block =
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "notes"; readonly items: readonly string[] }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "figure"; readonly figure: Figure }
  /** What only some want to see. */
  | { readonly kind: "more"; readonly summary: string; readonly blocks: readonly Block[] };

/** A chart with its words. */
export interface Figure {
  /** Unique, and the name of its file. */
  readonly id: string;
  /** Its heading. */
  readonly title: string;
  /** What the axis is, what the marks are, and how much stands behind them. */
  readonly caption: string;
  /** What is drawn. */
  readonly chart: Charted;
}

/** Rows of cells under titles. */
export interface Table {
  /** Its heading. */
  readonly title: string;
  /** From left to right. */
  readonly columns: readonly Column[];
  /** From top to bottom, with a cell for each column. */
  readonly rows: readonly Row[];
}

/** A column of a table. */
export interface Column {
  /** The heading of the column. */
  readonly title: string;
  /** Columns of one group stand side by side under its name. */
  readonly group?: string;
  /** `right` for numbers. Default: left. */
  readonly align?: "right";
  /** Left out where there is little room. */
  readonly detail?: true;
}

export type Row = readonly Cell[];

export type Cell =
  | string
  | {
      readonly text: string;
      readonly tone: Tone;
      /** Where more stands about it, seen from the page. Markdown leaves it out. */
      readonly href?: string;
    };

/** What a value should be. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** How a value stands to its goal; the text says it too. */
export type Tone = "reached" | "open" | "missed";

export const paragraph = (text: string): Block => ({ kind: "paragraph", text });

/** Nothing, if there is nothing to say. */
export const notes = (items: readonly string[]): Block[] =>
  items.length === 0 ? [] : [{ kind: "notes", items }];

export const table = (content: Table): Block[] =>
  content.rows.length === 0 ? [] : [{ kind: "table", table: content }];

export const textOf = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);

/** All figures, with the section that each is in. */
export const figuresOf = ({
  sections,
}: Document): { readonly section: Section; readonly figure: Figure }[] =>
  sections.flatMap((section) => within(section.blocks).map((figure) => ({ section, figure })));

const within = (blocks: readonly Block[]): Figure[] =>
  blocks.flatMap((block) => {
    if (block.kind === "more") return within(block.blocks);
    return block.kind === "figure" ? [block.figure] : [];
  });
