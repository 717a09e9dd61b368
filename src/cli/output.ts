import Table from "cli-table3";
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
  const grid = new Table({
    head: columns.map(({ title }) => style("bold", title)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    chars: noLines,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  grid.push(...rows.map((row) => row.map(String)));
  return grid
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const noLines = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};
