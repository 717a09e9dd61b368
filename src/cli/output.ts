import { stripVTControlCharacters } from "node:util";
import { escapeUnprintable } from "../registry/printable.ts";
import { harmless } from "./harmless.ts";
import { style } from "./style.ts";

export function print(text = ""): void {
  process.stdout.write(`${harmless(text)}\n`);
}

/** @param indent spaces; 0 for one line */
export function printJson(value: unknown, indent = 2): void {
  // What is escaped stands in strings, where JSON knows this form
  const json = JSON.stringify(value, undefined, indent);
  const lines = json.split("\n").map((line) => escapeUnprintable(line, jsonEscape));
  process.stdout.write(`${lines.join("\n")}\n`);
}

const jsonEscape = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`;

/** Says something beside the output proper: on stderr, so that the output can be piped. */
export function note(text: string): void {
  process.stderr.write(`${harmless(text)}\n`);
}

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Aligned text without lines, which can be copied as it is. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const titles = columns.map(({ title }) => style("bold", title));
  const grid = [titles, ...rows.map((row) => row.map(String))];
  const widths = columns.map((_, at) =>
    grid.reduce((width, row) => Math.max(width, widthOf(row[at] ?? "")), 0),
  );
  const lines = grid.map((row) =>
    columns.map(({ align }, at) => {
      const cell = row[at] ?? "";
      const gap = " ".repeat(widths[at]! - widthOf(cell));
      return align === "right" ? gap + cell : cell + gap;
    }),
  );
  return lines.map((cells) => cells.join("  ").trimEnd()).join("\n");
}

/** What a terminal shows of it. */
const widthOf = (cell: string): number => stripVTControlCharacters(cell).length;
