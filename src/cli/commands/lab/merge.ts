import type { Command } from "commander";
import { mergeParts, RowsError } from "../../../lab/experiment/index.ts";
import { UsageError } from "../../errors.ts";
import { writeReport } from "../../lab/report.ts";
import { readRun, writeRun } from "../../lab/store.ts";
import { examples } from "../../options.ts";

interface Options {
  readonly output: string;
  readonly report: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<folders...>", "of all shards")
    .requiredOption("-o, --output <folder>", "for the whole")
    .option("--csv", "a table with a line for each handshake, beside the rows")
    .option("--no-report", "rows only")
    .option("--json", "which files were written, and what came of the cells, as data")
    .action(act);
  examples(command, [
    ["lab merge part-* -o out", "the same rows as one machine writes, byte for byte"],
  ]);
}

async function act(folders: readonly string[], options: Options): Promise<void> {
  const { output, report, csv = false, json = false } = options;
  try {
    writeRun(output, mergeParts(folders.map((name) => ({ name, ...readRun(name) }))));
  } catch (error) {
    if (error instanceof RowsError) throw new UsageError(error.message);
    throw error;
  }
  await writeReport(output, { page: report, csv, json });
}
