import { appendFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  type CellRow,
  csvLines,
  experimentReport,
  type Manifest,
} from "../../lab/experiment/index.ts";
import {
  figuresOf,
  loadRenderer,
  markdown,
  MissingPackage,
  page,
  svgFile,
} from "../../report/index.ts";
import { note, printJson } from "../output.ts";
import { makeFolder, writeOutput } from "../write.ts";
import { readRows, readRun } from "./store.ts";

export interface Wanted {
  /** Page, Markdown and pictures. */
  readonly page: boolean;
  readonly csv: boolean;
  /** What there is then, on stdout. */
  readonly json: boolean;
}

/** Writes what was asked for into the run's folder. */
export async function writeReport(folder: string, wanted: Wanted): Promise<void> {
  const run = readRun(folder);
  const rows = readRows(run);
  const files = [join(folder, "rows.jsonl"), join(folder, "manifest.json")];
  if (wanted.csv) {
    const path = join(folder, "rows.csv");
    if (existsSync(path)) rmSync(path);
    let block = "";
    for (const line of csvLines(run.manifest.varied, rows)) {
      block += line;
      if (block.length > 1_000_000) {
        appendFileSync(path, block);
        block = "";
      }
    }
    appendFileSync(path, block);
    note(path);
    files.push(path);
  }
  if (wanted.page) files.push(...(await writePages(folder, run.manifest, rows)));
  if (!wanted.json) return;
  const of = (isOne: (row: CellRow) => boolean): number => rows.filter(isOne).length;
  printJson({
    folder,
    files,
    cells: rows.length,
    handshakes: rows.reduce((sum, { ms }) => sum + ms.length, 0),
    failed: of(({ error }) => error !== undefined),
    broken: of(({ broken }) => broken.length > 0),
  });
}

/** Returns the names of what it has written; words and tables alone, where nothing is there to draw with. */
async function writePages(
  folder: string,
  manifest: Manifest,
  rows: readonly CellRow[],
): Promise<string[]> {
  const report = experimentReport(manifest, rows);
  const text = join(folder, "report.md");
  writeOutput(text, markdown(report, { figures: "figures" }));
  try {
    const renderer = await loadRenderer();
    const figures = join(folder, "figures");
    makeFolder(figures);
    for (const { section, figure } of figuresOf(report)) {
      const title = `${section.title}: ${figure.title}`;
      writeOutput(
        join(figures, `${figure.id}.svg`),
        svgFile(renderer, figure.chart, title, figure.caption),
      );
    }
    const html = join(folder, "report.html");
    writeOutput(html, page(report, renderer));
    note(html);
    return [text, figures, html];
  } catch (error) {
    if (!(error instanceof MissingPackage)) throw error;
    note(`${text}: words and tables only; ${error.message}`);
    return [text];
  }
}
