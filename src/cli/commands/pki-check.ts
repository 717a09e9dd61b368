import type { Command } from "commander";
import { check, type Finding } from "../../authority/index.ts";
import { ExitCode } from "../errors.ts";
import { examples } from "../options.ts";
import { print, printJson } from "../output.ts";
import {
  ableIn,
  addWriter,
  changeDirectory,
  pkiProvider,
  type WriterOptions,
} from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends WriterOptions {
  readonly repair?: true;
}

export function define(command: Command): void {
  addWriter(command)
    .option("--repair", "adopts, removes and counts on, as it says without")
    .action(explained(act));
  command.addHelpText(
    "after",
    "\nLooks at every certificate, key, link and list, and holds them against the\n" +
      "journal. The exit code is 1 if something is wrong that was not repaired. What a\n" +
      "crash left is put right by every command that writes; this finds the rest.",
  );
  examples(command, [["pki check --repair", "adopt what was signed here, remove what was not"]]);
}

async function act(options: Options): Promise<void> {
  const provider = await pkiProvider();
  const mends = options.repair === true;
  const findings = await changeDirectory(options, async (pki) =>
    check(pki, (await ableIn(pki, { provider }, pki.entries)).provider, mends),
  );
  if (options.json) printJson(findings);
  else if (findings.length === 0) print("nothing is wrong");
  for (const finding of options.json ? [] : findings) print(describe(finding));
  if (findings.some(({ isMended }) => !isMended)) process.exitCode = ExitCode.failed;
}

function describe({ where, problem, remedy, isMended }: Finding): string {
  const then =
    remedy === undefined ? "" : isMended ? `; done: ${remedy}` : `; --repair would ${remedy}`;
  return `${where} ${problem}${then}`;
}
