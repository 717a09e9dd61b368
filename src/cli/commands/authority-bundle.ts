import type { Command } from "commander";
import { bundleOfDirectory, PkiDirectory } from "../../authority/index.ts";
import { examples } from "../options.ts";
import { print } from "../output.ts";
import { addDirectory, type DirectoryOption } from "../pki/options.ts";
import { explained } from "../pki/report.ts";

export function define(command: Command): void {
  addDirectory(command).action(explained(act));
  command.addHelpText(
    "after",
    "\nWhat vouches for all that this authority certifies: a SPIFFE bundle, which is JSON.\n" +
      "Agents of another trust domain begin with it (`federated` of joinMesh), and follow\n" +
      "this authority from there on.",
  );
  examples(command, [["authority bundle > example.org.json", "for agents of other domains"]]);
}

async function act({ dir }: DirectoryOption): Promise<void> {
  const pki = PkiDirectory.open(dir);
  await pki.refresh();
  print(bundleOfDirectory(pki, 10));
}
