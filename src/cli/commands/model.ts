import type { Command } from "commander";
import { explore, type ModelReport } from "../../lab/model/index.ts";
import { policies, type PolicyName } from "../../policy/index.ts";
import { makers } from "../attack/options.ts";
import { chooseName } from "../choose.ts";
import { ExitCode } from "../errors.ts";
import { examples, wholeNumber } from "../options.ts";
import { print, printJson } from "../output.ts";
import { type ProviderName, providerOption } from "../provider.ts";
import { style } from "../style.ts";

interface Options {
  readonly depth: number;
  readonly policy: string;
  readonly provider: ProviderName;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .option("--depth <number>", "steps from the beginning", wholeNumber(1, 6), 2)
    .option("--policy <name>", "of the client", "compatible")
    .addOption(providerOption())
    .option("--json", "plain data")
    .action(act);
  examples(command, [
    ["model", "all that can happen in two steps"],
    ["model --depth 3 --policy require-post-quantum", "in three, to a client that wants a hybrid"],
    ["model --json", "the same, as data"],
  ]);
}

function act({ depth, policy: wanted, provider, json }: Options): void {
  const policy = chooseName("policy", Object.keys(policies) as PolicyName[], wanted);
  const report = explore({ depth, policy, makeProvider: makers[provider] });
  if (json) printJson(report);
  else print(render(report));
  if (report.violations.length > 0) process.exitCode = ExitCode.failed;
}

function render({ policy, depth, states, moves, connections, violations }: ModelReport): string {
  return [
    `${policy}, ${depth} steps: ${states} states, ${moves} moves, ${connections} connections`,
    ...violations.flatMap(({ property, what, trace }) => [
      `${style("bold", property)} does not hold: ${what}`,
      ...trace.map((move, index) => `  ${index + 1}. ${move}`),
    ]),
    violations.length === 0 ? "every property holds" : `${violations.length} do not hold`,
  ].join("\n");
}
