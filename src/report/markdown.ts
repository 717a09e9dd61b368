/** A report as Markdown: tables and words, and figures as links to files. */
import * as check from "../registry/check.ts";
import type { Block, Column, Document, Section, Table } from "./document.ts";
import { textOf } from "./document.ts";

/** What a report in Markdown has besides its tables. */
export interface MarkdownOptions {
  /** Hand-written sections, which stand behind the first. */
  readonly remarks?: string;
  /** Where the figures' files are, seen from this one; without it figures are left out. */
  readonly figures?: string;
}

const optionTable = {
  remarks: check.text,
  figures: check.text,
} satisfies check.OptionTable<MarkdownOptions>;

/** Writes a report as Markdown. @throws TypeError for options that cannot be */
export function markdown(
  { title, lead, warnings, sections }: Document,
  options: MarkdownOptions = {},
): string {
  check.checkOptions("markdown", options, optionTable);
  const { remarks, figures } = options;
  const [first, ...others] = sections.map((section) => sectionText(section, figures));
  const parts = [
    `# ${escape(title)}`,
    ...lead.map(escape),
    ...(warnings.length === 0 ? [] : [warnings.map((text) => `> - ${escape(text)}`).join("\n")]),
    first,
    remarks?.trim(),
    ...others,
  ];
  return `${parts.filter((part) => part !== undefined && part !== "").join("\n\n")}\n`;
}

/** None, of one that has nothing to say here. */
function sectionText({ title, blocks }: Section, figures: string | undefined): string | undefined {
  const texts = blocks.flatMap((block) => blockText(block, figures));
  return texts.length === 0 ? undefined : [`## ${escape(title)}`, ...texts].join("\n\n");
}

function blockText(block: Block, figures: string | undefined): string[] {
  switch (block.kind) {
    case "paragraph":
      return [escape(block.text)];
    case "notes":
      return [block.items.map((item) => `- ${escape(item)}`).join("\n")];
    case "table":
      return [tableText(block.table)];
    case "figure": {
      if (figures === undefined) return [];
      const { id, title, caption } = block.figure;
      return [`![${escape(title)}](${figures}/${id}.svg)`, `${escape(title)}. ${escape(caption)}`];
    }
    // What only some want to see is in the page
    case "more":
      return [];
  }
}

function tableText({ columns, rows }: Table): string {
  const kept = columns.flatMap((column, at) => (column.detail ? [] : [{ column, at }]));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(kept.map(({ column }) => escape(headOf(column)))),
    line(kept.map(({ column }) => (column.align === "right" ? "---:" : "---"))),
    ...rows.map((row) => line(kept.map(({ at }) => escape(textOf(row[at] ?? ""))))),
  ].join("\n");
}

const headOf = ({ title, group }: Column): string =>
  group === undefined ? title : `${group}: ${title}`;

/** What would be markup, and a line's end, which would end a table's row. */
const escape = (text: string): string =>
  text.replace(/[\\`*[\]<>|&#]/g, "\\$&").replace(/\s*[\r\n]+\s*/g, " ");
