import type { Command } from "commander";
import {
  errorOf,
  type Figure,
  renderValidation,
  type Study,
  studies,
  validate,
} from "../../../lab/studies/index.ts";
import { chooseName } from "../../choose.ts";
import { ExitCode } from "../../errors.ts";
import { examples, wholeNumber } from "../../options.ts";
import { note, print, printJson, table } from "../../output.ts";
import { style } from "../../style.ts";
import { writeOutput } from "../../write.ts";

export function define(command: Command): void {
  command
    .argument("[study...]", `which studies; default: ${Object.keys(studies).join(", ")}`)
    .option("--json", "every figure: ours, published, error, class, verdict")
    .option("--md <file>", "write a page of Markdown, or - for standard output")
    .option(
      "--repetitions <number>",
      "simulated handshakes for each cell with loss; fewer are\nfaster and say less",
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

const withErrors = (study: Study): object => ({
  ...study,
  figures: study.figures.map((figure) => ({ ...figure, error: errorOf(figure) })),
});

function printStudy(study: Study): void {
  print(style("bold", `${study.title} (${study.name})`));
  const claims = study.claims.map(({ name, needed, reached, count }) => [
    name,
    percent(needed),
    style(reached >= needed ? "green" : "red", percent(reached)),
    count,
  ]);
  print(table([{ title: "claim" }, right("needed"), right("reached"), right("figures")], claims));
  const different = study.figures.filter(
    ({ verdict }) => verdict === "differs" || verdict === "cannot be",
  );
  if (different.length > 0) print(`\n${table(columns, different.map(figureRow))}`);
  print();
}

const right = (title: string): { title: string; align: "right" } => ({ title, align: "right" });
const columns = [
  { title: "figure" },
  right("published"),
  right("ours"),
  right("error"),
  { title: "verdict" },
];

const figureRow = (figure: Figure): (string | number)[] => [
  figure.name,
  Number(figure.published.toFixed(2)),
  Number(figure.ours.toFixed(2)),
  percent(errorOf(figure)),
  figure.verdict,
];

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
