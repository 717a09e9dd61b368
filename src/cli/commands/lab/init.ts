import { existsSync } from "node:fs";
import { type Command } from "commander";
import { exampleExperiment, experimentJsonSchema } from "../../../lab/experiment/index.ts";
import { UsageError } from "../../errors.ts";
import { examples } from "../../options.ts";
import { note, printJson } from "../../output.ts";
import { writeOutput } from "../../write.ts";

export function define(command: Command): void {
  command
    .argument("[file]", "to be written; - is stdout", "experiment.yaml")
    .option("--schema", "print the JSON Schema of such files instead")
    .option("--json", "the file's name as data")
    .action(act);
  examples(command, [["lab init mine.yaml", "then change it, and: kemistry lab run mine.yaml"]]);
}

function act(file: string, { schema, json }: { schema?: true; json?: true }): void {
  if (schema) {
    printJson(experimentJsonSchema());
    return;
  }
  if (json && file === "-") throw new UsageError("--json and - both want the standard output");
  // Somebody may have worked on it
  if (file !== "-" && existsSync(file)) {
    throw new UsageError(`${file} is there already: name another, or remove it`);
  }
  writeOutput(file, exampleExperiment());
  if (json) printJson({ file });
  else if (file !== "-") note(`${file}: change it, and run it with kemistry lab run ${file}`);
}
