import type { Command } from "commander";
import { cutJournal, prune } from "../../authority/index.ts";
import { duration, examples } from "../options.ts";
import { print, printJson } from "../output.ts";
import { addWriter, changeDirectory, type WriterOptions } from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends WriterOptions {
  readonly ended: number;
  readonly journal?: number;
}

export function define(command: Command): void {
  addWriter(command)
    .option("--ended <time>", "for how long they have", duration, 30 * 86_400_000)
    .option(
      "--journal <time>",
      "also lines of the journal that are older, and not needed",
      duration,
    )
    .action(explained(act));
  command.addHelpText(
    "after",
    "\nTakes away the folders of certificates that have ended; the journal keeps what\n" +
      "happened. Current certificates, authorities, what blocks a compromised key, and\n" +
      "what a list must still have stay. With --journal it lets go of what it says of\n" +
      "the others; a head that was noted before is then of no use.",
  );
  examples(command, [["pki prune --ended 1d", "where certificates live for minutes"]]);
}

async function act(options: Options): Promise<void> {
  const { ended, journal } = options;
  const { gone, lines } = await changeDirectory(options, (pki) => ({
    gone: prune(pki, ended),
    lines: journal === undefined ? 0 : cutJournal(pki, journal),
  }));
  if (options.json) return printJson(gone.map(({ name, serial }) => ({ name, serial })));
  print(`${gone.length} certificates are gone`);
  if (journal !== undefined) print(`${lines} lines of the journal are gone`);
}
