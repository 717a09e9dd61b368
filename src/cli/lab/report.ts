import { appendFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { csvLines, experimentReport } from "../../lab/experiment/index.ts";
import {
  figuresOf,
  loadRenderer,
  markdown,
  MissingPackage,
  page,
  svgFile,
} from "../../report/index.ts";
import { note } from "../output.ts";
import { makeFolder, writeOutput } from "../write.ts";
import { readRows, readRun } from "./store.ts";

export interface Wanted {
  /** Page, Markdown and pictures. */
  readonly page: boolean;
  readonly csv: boolean;
}

/** Writes what was asked for into the run's folder. */
export async function writeReport(folder: string, wanted: Wanted): Promise<void> {
  const run = readRun(folder);
  const rows = readRows(run);
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
  }
  if (!wanted.page) return;
  const report = experimentReport(run.manifest, rows);
  writeOutput(join(folder, "report.md"), markdown(report, { figures: "figures" }));
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
    writeOutput(join(folder, "report.html"), page(report, renderer));
    note(join(folder, "report.html"));
  } catch (error) {
    if (!(error instanceof MissingPackage)) throw error;
    note(`${join(folder, "report.md")}: words and tables only; ${error.message}`);
  }
}
