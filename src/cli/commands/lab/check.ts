import type { Command } from "commander";
import { examples } from "../../options.ts";
import { print, printJson } from "../../output.ts";
import { type Changes, readGiven } from "../../lab/source.ts";

interface Options extends Pick<Changes, "measured" | "with"> {
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument("<experiment>", "a file, YAML or JSON; or a study's name")
    .option("--measured <file>", "what bench primitives --json wrote, for cpu: measured")
    .option("--with <module>", "JavaScript that exports groups, suites or schemes")
    .option("--json", "each cell, resolved")
    .action(act);
  examples(command, [["lab check mine.yaml", "how many cells, and what varies"]]);
}

async function act(path: string, { json, ...changes }: Options): Promise<void> {
  const { experiment } = await readGiven(path, changes);
  if (json) {
    printJson(
      experiment.cells.map(({ index, values, sizeOnly }) => ({ cell: index, ...values, sizeOnly })),
    );
    return;
  }
  const { cells, varied, repetitions } = experiment;
  const handshakes = cells.reduce((sum, { isRandom }) => sum + (isRandom ? repetitions : 1), 0);
  print(
    `${experiment.name}: ${cells.length} cells, ${handshakes} handshakes, seed ${experiment.seed}`,
  );
  for (const name of varied) {
    const values = [...new Set(cells.map(({ values: all }) => JSON.stringify(all[name])))];
    print(`  ${name}: ${values.map((value) => value.replace(/^"|"$/g, "")).join(", ")}`);
  }
  const sizes = [...new Set(cells.flatMap(({ sizeOnly }) => sizeOnly))];
  if (sizes.length > 0) print(`  size only: ${sizes.join(", ")}`);
}
