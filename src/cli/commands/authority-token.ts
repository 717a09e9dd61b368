import type { Command } from "commander";
import { admitByToken } from "../../authority/index.ts";
import { duration, examples } from "../options.ts";
import { print, printJson } from "../output.ts";
import { addWriter, changeDirectory, pkiProvider, type WriterOptions } from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends WriterOptions {
  readonly lifetime: number;
}

export function define(command: Command): void {
  command.argument("<name>", "who may enrol");
  addWriter(command)
    .option("-l, --lifetime <time>", "how long it can be used", duration, 3_600_000)
    .action(explained(act));
  command.addHelpText(
    "after",
    "\nThe token is good once. It holds a secret, of which the directory keeps a hash,\n" +
      "and the hash of the root's key, by which its bearer knows the authority.",
  );
  examples(command, [["authority token ann --lifetime 10m > ann.token", "for ten minutes"]]);
}

async function act(name: string, options: Options): Promise<void> {
  const provider = await pkiProvider();
  const { lifetime } = options;
  const token = await changeDirectory(options, (pki) =>
    admitByToken(pki, { name, lifetime }, provider),
  );
  if (options.json) printJson({ name, token });
  else print(token);
}
