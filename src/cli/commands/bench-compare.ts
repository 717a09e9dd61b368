import { type Command, InvalidArgumentError } from "commander";
import type { Change, Comparison, Row } from "../../../bench/compare.ts";
import type { Environment, Results } from "../../../bench/results.ts";
import { microseconds } from "../bench/render.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { examples, readAs } from "../options.ts";
import { note, print, printJson, table } from "../output.ts";

interface Options {
  readonly threshold: number;
  readonly all?: true;
  readonly json?: true;
}

export function defineCompare(command: Command): void {
  command
    .description("say what became slower or larger between two runs")
    .argument("<before>", "results that were written by bench --json")
    .argument("<after>")
    .option("-t, --threshold <ratio>", "by how much, to count: 1.05 is five per cent", ratio, 1.05)
    .option("-a, --all", "show what is the same, too")
    .option("--json", "plain data")
    .action(act);
  examples(command, [
    ["bench compare before.json after.json", "what changed by five per cent or more"],
    ["bench compare before.json after.json --threshold 1.2 --all", "by a fifth; the rest, too"],
  ]);
  command.addHelpText(
    "after",
    "\nWhat is measured must also differ by more than chance.\n" +
      "Exit code 1: something is slower or larger. 2: a file could not be used.",
  );
}

async function act(
  beforePath: string,
  afterPath: string,
  { threshold, all, json }: Options,
): Promise<void> {
  const { readResults } = await import("../../../bench/read-results.ts");
  const { compareResults } = await import("../../../bench/compare.ts");
  const [before, after] = [beforePath, afterPath].map((path) =>
    readAs(path, "results of a benchmark", readResults),
  ) as [Results, Results];
  const comparison = compareResults(before, after, threshold);
  if (comparison.rows.length === 0) {
    throw new UsageError(`${beforePath} and ${afterPath} have nothing in common`);
  }
  if (json) printJson({ threshold, ...comparison });
  else {
    render(comparison, all === true);
    const doubtful = comparison.rows.filter((row) => isDoubtful(row, threshold)).length;
    if (doubtful > 0) {
      print(
        `of the same, ${doubtful} differ by more than the threshold, which may be chance: more processes would tell`,
      );
    }
    for (const line of differences(before.environment, after.environment)) note(line);
  }
  const isWorse = comparison.rows.some(({ change }) => change === "slower" || change === "more");
  process.exitCode = isWorse ? ExitCode.failed : ExitCode.ok;
}

function render(comparison: Comparison, all: boolean): void {
  const { rows, onlyBefore, onlyAfter } = comparison;
  const shown = rows.filter(({ change }) => all || change !== "same");
  if (shown.length > 0) {
    const right = (title: string) => ({ title, align: "right" as const });
    print(
      table(
        [
          { title: "suite" },
          { title: "µs of CPU, or bytes" },
          right("before"),
          right("after"),
          right("ratio"),
          right("95 % interval"),
          { title: "" },
        ],
        shown.map(cells),
      ),
    );
    print();
  }
  print(
    (["slower", "more", "faster", "less", "same"] as const satisfies readonly Change[])
      .map((change) => `${rows.filter((row) => row.change === change).length} ${change}`)
      .join(", "),
  );
  if (onlyBefore + onlyAfter > 0) {
    print(`not compared: ${onlyBefore} of the first only, ${onlyAfter} of the second only`);
  }
}

const cells = ({ suite, name, before, after, ratio: { value, low, high }, change }: Row) => [
  suite,
  name,
  ...[before, after].map((cost) => (Number.isInteger(cost) ? String(cost) : microseconds(cost))),
  value.toFixed(2),
  low === high ? "exact" : `${low.toFixed(2)} to ${high.toFixed(2)}`,
  change,
];

/** Where processes are few or scattered, even a large difference proves nothing. */
const isDoubtful = ({ change, ratio: { value } }: Row, threshold: number): boolean =>
  change === "same" && (value > threshold || value < 1 / threshold);

/** What makes two runs hard to compare. */
function differences(a: Environment, b: Environment): string[] {
  return (["cpu", "cores", "platform", "node"] as const)
    .filter((member) => a[member] !== b[member])
    .map((member) => `not the same ${member}: ${a[member]} before, ${b[member]} after`);
}

function ratio(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 1 && value < 1000) return value;
  throw new InvalidArgumentError("Give a ratio of 1 or more, such as 1.05.");
}
