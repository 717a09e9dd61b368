import Table from "cli-table3";
import { style } from "./style.ts";

export function print(text = ""): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** Says something beside the output proper: on stderr, so that the output can be piped. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
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
