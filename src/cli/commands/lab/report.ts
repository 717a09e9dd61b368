import type { Command } from "commander";
import { writeReport } from "../../lab/report.ts";
import { examples } from "../../options.ts";

export function define(command: Command): void {
  command
    .argument("<folder>", "of a run, complete or not")
    .option("--csv", "a table with a line for each handshake too")
    .action(async (folder: string, { csv }: { csv?: true }) =>
      writeReport(folder, { page: true, csv: csv === true }),
    );
  examples(command, [["lab report mine", "mine/report.html, mine/report.md and mine/figures"]]);
}
