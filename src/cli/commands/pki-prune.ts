import type { Command } from "commander";
import { PkiDirectory, prune } from "../../authority/index.ts";
import { duration, examples } from "../options.ts";
import { print, printJson } from "../output.ts";
import { addWriter, type WriterOptions } from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends WriterOptions {
  readonly ended: number;
}

export function define(command: Command): void {
  addWriter(command)
    .option("--ended <time>", "for how long they have", duration, 30 * 86_400_000)
    .action(explained(act));
  command.addHelpText(
    "after",
    "\nTakes away the folders of certificates that have ended; the journal keeps what\n" +
      "happened. Current certificates, authorities, what blocks a compromised key, and\n" +
      "what a list must still have stay.",
  );
  examples(command, [["pki prune --ended 1d", "where certificates live for minutes"]]);
}

async function act(options: Options): Promise<void> {
  const { dir, ended } = options;
  const gone = await PkiDirectory.change(dir, (pki) => prune(pki, ended), { wait: options.wait });
  if (options.json) printJson(gone.map(({ name, serial }) => ({ name, serial })));
  else print(`${gone.length} certificates are gone`);
}
