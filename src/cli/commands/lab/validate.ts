import type { Command } from "commander";
import { renderValidation, studies, validate } from "../../../lab/studies/index.ts";
import { chooseName } from "../../choose.ts";
import { ExitCode } from "../../errors.ts";
import { examples, wholeNumber } from "../../options.ts";
import { printStudy, withErrors } from "../../lab/print-study.ts";
import { note, printJson } from "../../output.ts";
import { writeOutput } from "../../write.ts";

export function define(command: Command): void {
  command
    .argument("[study...]", `which studies; default: ${Object.keys(studies).join(", ")}`)
    .option("--json", "every figure: ours, published, error, class, verdict")
    .option("--md <file>", "write a page of Markdown, or - for standard output")
    .option(
      "--repetitions <number>",
      "simulated handshakes for each cell with loss; fewer are faster and say less",
      wholeNumber(100, 1_000_000),
      5000,
    )
    .action(act);
  examples(command, [
    ["lab validate", "what is claimed of each study, and what differs"],
    ["lab validate wiggers2024 --json", "every figure of one study"],
    ["lab validate --md docs/validation.md", "the page"],
  ]);
}

interface Options {
  readonly json?: true;
  readonly md?: string;
  readonly repetitions: number;
}

function act(names: readonly string[], options: Options): void {
  const known = Object.keys(studies);
  const chosen = names.length === 0 ? known : names.map((name) => chooseName("study", known, name));
  const results = validate(chosen, {
    repetitions: options.repetitions,
    ...(process.stderr.isTTY && { progress }),
  });
  if (options.json) printJson(results.map(withErrors));
  else if (options.md === undefined) results.forEach(printStudy);
  if (options.md !== undefined) writeOutput(options.md, renderValidation(results));
  const isReached = results.every(({ claims }) =>
    claims.every(({ reached, needed }) => reached >= needed),
  );
  if (!isReached) process.exitCode = ExitCode.failed;
}

const progress = (done: number, total: number): void =>
  note(`paquin2020: ${done} of ${total} series`);
