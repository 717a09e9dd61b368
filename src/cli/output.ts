import { escapeUnprintable } from "../registry/index.ts";
import { fitted, widthOf } from "./fitted.ts";
import { harmless } from "./harmless.ts";
import { style } from "./style.ts";

let printed = false;

/** Whether anything went to stdout by way of here. */
export const wasPrinted = (): boolean => printed;

/** Long lines go on below themselves where a terminal is narrow. */
export function print(text = ""): void {
  printed = true;
  process.stdout.write(`${fitted(harmless(text))}\n`);
}

/** @param indent spaces; 0 for one line */
export function printJson(value: unknown, indent = 2): void {
  printed = true;
  // What is escaped stands in strings, where JSON knows this form
  const json = JSON.stringify(value, undefined, indent);
  const lines = json.split("\n").map((line) => escapeUnprintable(line, jsonEscape));
  process.stdout.write(`${lines.join("\n")}\n`);
}

const jsonEscape = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`;

/** Says something beside the output proper: on stderr, so that the output can be piped. */
export function note(text: string): void {
  process.stderr.write(`${fitted(harmless(text), process.stderr.columns)}\n`);
}

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

type Cells = readonly (string | number)[];

/** Rows below a title of their own. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Cells[];
}

/**
 * Aligned text without lines, which can be copied as it is. Where a terminal is too narrow for it, each row is
 * a paragraph, a cell a line.
 * @param width of the terminal in columns; no limit where the output is none
 */
export function table(
  columns: readonly Column[],
  rows: readonly Cells[] | readonly Section[],
  width: number = process.stdout.columns ?? Infinity,
): string {
  const sections = rows.map((each) => ("rows" in each ? each : { title: undefined, rows: [each] }));
  const grid = [
    columns.map(({ title }) => style("bold", title)),
    ...sections.flatMap((section) => section.rows.map((row) => row.map(String))),
  ];
  const widths = columns.map((_, at) => Math.max(...grid.map((row) => widthOf(row[at] ?? ""))));
  const inLine = (row: readonly string[]): string =>
    columns
      .map(({ align }, at) => {
        const cell = row[at] ?? "";
        const gap = " ".repeat(widths[at]! - widthOf(cell));
        return align === "right" ? gap + cell : cell + gap;
      })
      .join("  ")
      .trimEnd();
  const fits = grid.every((row) => widthOf(inLine(row)) <= width);
  const lines = sections.flatMap(({ title, rows: members }) => [
    ...(title === undefined ? [] : [style("underline", title)]),
    ...members.map((row) =>
      fits ? inLine(row.map(String)) : paragraph(columns, row.map(String), width),
    ),
  ]);
  return (fits ? [inLine(grid[0]!), ...lines] : lines).join("\n");
}

/** A row's cells with their titles below the first that has one; empty ones are left out. */
function paragraph(columns: readonly Column[], row: readonly string[], width: number): string {
  const head = columns.findIndex(({ title }) => title !== "") + 1;
  const lines = [row.slice(0, head).join(" ").trimEnd()];
  let line = "";
  for (const [at, cell] of row.entries()) {
    if (at < head || cell === "") continue;
    const title = columns[at]?.title ?? "";
    const item = title === "" ? cell : `${style("dim", title)} ${cell}`;
    if (line !== "" && widthOf(line) + 2 + widthOf(item) <= width) line += `  ${item}`;
    else {
      if (line !== "") lines.push(line);
      line = `    ${item}`;
    }
  }
  return [...lines, line].filter((each) => each !== "").join("\n");
}
