import { dirname, join, relative } from "node:path";
import type { Command } from "commander";
import { readResults } from "../../../bench/read-results.ts";
import {
  type Document,
  figuresOf,
  loadRenderer,
  markdown,
  MissingPackage,
  page,
  type Renderer,
  svgFile,
} from "../../report/index.ts";
import { reportOf } from "../../../bench/report/report.ts";
import { UsageError } from "../errors.ts";
import { examples, readAs, readText } from "../options.ts";
import { note, printJson } from "../output.ts";
import { makeFolder, writeOutput } from "../write.ts";

interface Options {
  readonly output?: string;
  readonly svg?: string;
  readonly md?: string;
  readonly remarks?: string;
  readonly goals?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument("<results...>", "files that bench --json wrote; several stand side by side")
    .option("-o, --output <file>", "a page with everything in it (report.html; - is stdout)")
    .option("--svg <folder>", "each figure as a file")
    .option("--md <file>", "tables and words as Markdown, with the figures if --svg is given")
    .option("--goals", "what this project wants to reach, and whether it did")
    .option("--remarks <file>", "Markdown that goes behind the first section of --md")
    .option("--json", "which files were written, as data")
    .action(act);
  examples(command, [
    ["report results.json -o report.html", "a page to read, or to put somewhere"],
    ["report node20.json node24.json --svg figures", "two runs, figure by figure"],
  ]);
}

async function act(paths: readonly string[], options: Options): Promise<void> {
  const report = reportOf(
    paths.map((name) => ({ name, results: readAs(name, "results of a benchmark", readMeasured) })),
    { goals: options.goals === true },
  );
  const { output, svg, md } = withDefault(options);
  const files = [output, svg, md].filter((path) => path !== undefined);
  if (options.json && files.includes("-")) {
    throw new UsageError("--json and - both want the standard output");
  }
  const remarks = options.remarks === undefined ? undefined : readText(options.remarks);
  if (output !== undefined || svg !== undefined) {
    const renderer = await penFor();
    if (output !== undefined) write(output, page(report, renderer));
    if (svg !== undefined) writeFigures(svg, report, renderer);
  }
  if (md !== undefined) {
    const figures = svg === undefined ? {} : { figures: relative(dirname(md), svg) || "." };
    write(md, markdown(report, { ...figures, ...(remarks === undefined ? {} : { remarks }) }));
  }
  if (options.json) printJson({ files });
}

/** The page, if nothing was asked for. */
const withDefault = ({ output, svg, md }: Options): Pick<Options, "output" | "svg" | "md"> => {
  if (output === undefined && svg === undefined && md === undefined)
    return { output: "report.html" };
  return { ...(output && { output }), ...(svg && { svg }), ...(md && { md }) };
};

function readMeasured(text: string) {
  const results = readResults(text);
  const isEmpty = results.suites.every(
    ({ measurements, figures }) => measurements.length + figures.length === 0,
  );
  if (isEmpty) throw new Error("nothing was measured in it");
  return results;
}

async function penFor(): Promise<Renderer> {
  try {
    return await loadRenderer();
  } catch (error) {
    if (error instanceof MissingPackage) throw new UsageError(error.message);
    throw error;
  }
}

function writeFigures(folder: string, report: Document, renderer: Renderer): void {
  makeFolder(folder);
  for (const { section, figure } of figuresOf(report)) {
    const title = `${section.title}: ${figure.title}`;
    const file = svgFile(renderer, figure.chart, title, figure.caption);
    writeOutput(join(folder, `${figure.id}.svg`), file);
  }
  note(folder);
}

function write(path: string, content: string): void {
  writeOutput(path, content);
  if (path !== "-") note(path);
}
