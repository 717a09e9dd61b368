import type { Command } from "commander";
import { replayTape, ScenarioError, tapeTraces } from "../../lab/adversary/index.ts";
import { pcapOption, writePcap } from "../capture.ts";
import { makers } from "../attack/options.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { examples, readText } from "../options.ts";
import { note, print, printJson } from "../output.ts";

export function define(command: Command): void {
  command
    .argument("<file>", "a tape that `kemistry attack --save` has written")
    .option(...pcapOption)
    .option("--json", "plain data")
    .action(act);
  examples(command, [["replay honest.tape", "does it still go as it went then?"]]);
}

interface Options {
  readonly pcap?: string;
  readonly json?: true;
}

function act(path: string, { pcap, json }: Options): void {
  const text = readText(path);
  let replay;
  try {
    replay = replayTape(text, (name) =>
      name === "noble" || name === "native" ? makers[name] : undefined,
    );
    if (pcap !== undefined) writePcap(pcap, tapeTraces(text));
  } catch (error) {
    if (error instanceof ScenarioError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
  const { head, transfers, difference } = replay;
  if (json) {
    const { name } = head.scenario;
    printJson({ scenario: name, kind: head.kind, transfers, difference: difference ?? null });
  } else {
    print(`${head.scenario.name}, ${head.kind}: ${transfers} transfers`);
    if (difference === undefined) print("the same, byte by byte");
  }
  if (difference === undefined) return;
  process.exitCode = ExitCode.failed;
  note(`kemistry: it differs at ${difference}`);
}
