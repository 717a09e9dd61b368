import { existsSync } from "node:fs";
import type { Command } from "commander";
import { PkiDirectory, secretMode, writePkcs12, writeWhole } from "../../authority/index.ts";
import { UsageError } from "../errors.ts";
import { examples, readPassphrase } from "../options.ts";
import { print, printJson } from "../output.ts";
import {
  addDirectory,
  addSigning,
  type DirectoryOption,
  pkiProvider,
  type SigningOptions,
} from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends DirectoryOption, SigningOptions {
  readonly encryptWith: string;
  readonly out?: string;
}

export function define(command: Command): void {
  command.argument("<name>", "whose current certificate and key");
  addDirectory(command)
    .requiredOption("--encrypt-with <file>", "encrypts the file with the passphrase in that file")
    .option("-o, --out <file>", "default: <name>.p12");
  addSigning(command).action(explained(act));
  command.addHelpText(
    "after",
    "\nOne file with the key, its certificate and those above it but the root, as\n" +
      "browsers, Java and Windows take it: PBES2 with AES-256, and a MAC with SHA-256.",
  );
  examples(command, [["pki export web --encrypt-with pass.txt", "web.p12, for a server in Java"]]);
}

async function act(name: string, options: Options): Promise<void> {
  const { dir, out = `${name}.p12`, json } = options;
  if (existsSync(out)) throw new UsageError(`${out} exists; choose another path, or remove it`);
  const passphrase = readPassphrase(options.encryptWith)!;
  const pki = PkiDirectory.open(dir);
  await pki.refresh();
  const entry = pki.current(name);
  const privateKey = pki.privateKey(entry, readPassphrase(options.passphraseFile));
  const certificates = pki.chain(entry);
  const pfx = writePkcs12({ certificates, privateKey }, passphrase, {
    provider: await pkiProvider(),
  });
  writeWhole(out, pfx, { mode: secretMode });
  if (json) printJson({ name, serial: entry.serial, file: out });
  else print(out);
}
