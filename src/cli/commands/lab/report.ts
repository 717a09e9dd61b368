import type { Command } from "commander";
import { writeReport } from "../../lab/report.ts";
import { examples } from "../../options.ts";

interface Options {
  readonly csv?: boolean;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<folder>", "of a run, complete or not")
    .option("--csv", "a table with a line for each handshake too")
    .option("--json", "which files were written, and what came of the cells, as data")
    .action(async (folder: string, { csv = false, json = false }: Options) =>
      writeReport(folder, { page: true, csv, json }),
    );
  examples(command, [["lab report mine", "mine/report.html, mine/report.md and mine/figures"]]);
}
