import { stripVTControlCharacters } from "node:util";

/**
 * Text whose long lines go on below themselves, where a word ends. What is to be copied stays whole: lines that are
 * indented and begin with a command.
 * @param width of the terminal in columns; no limit where the output is none
 */
export const fitted = (text: string, width: number = process.stdout.columns ?? Infinity): string =>
  text
    .split("\n")
    .flatMap((line) => (widthOf(line) <= width || isCommand(line) ? [line] : broken(line, width)))
    .join("\n");

const isCommand = (line: string): boolean => /^ +(kemistry|curl|npm|open|sudo) /.test(line);

function broken(line: string, width: number): string[] {
  const [indent = ""] = /^ */.exec(line) ?? [];
  const lines: string[] = [];
  for (const word of line.trim().split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(indent + word);
  }
  return lines;
}

/** What a terminal shows of it. */
export const widthOf = (cell: string): number => stripVTControlCharacters(cell).length;
