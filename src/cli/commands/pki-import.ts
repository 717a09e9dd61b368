import { existsSync } from "node:fs";
import type { Command } from "commander";
import { keyToPem, readPkcs12, secretMode, writeWhole } from "../../authority/index.ts";
import { encodePem } from "../../identity/index.ts";
import { UsageError } from "../errors.ts";
import { examples, readPassphrase } from "../options.ts";
import { print, printJson } from "../output.ts";
import { pkiProvider } from "../pki/options.ts";
import { readBinary } from "../pki/read.ts";
import { explained } from "../pki/report.ts";

interface Options {
  readonly passphraseFile: string;
  readonly encryptWith?: string;
  readonly out: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument("<file>", "a PKCS #12 file: .p12 or .pfx")
    .requiredOption("--passphrase-file <file>", "opens it")
    .requiredOption("-o, --out <path>", "where it goes: <path>.key and <path>.pem")
    .option("--encrypt-with <file>", "encrypts the key with the passphrase in that file")
    .option("--json", "plain data")
    .action(explained(act));
  command.addHelpText(
    "after",
    "\nThe key, and its certificate with those above it, as PEM: as `serve` and\n" +
      "`connect` take them. AES and 3DES are opened; RC2 is refused.",
  );
  examples(command, [
    ["pki import web.p12 --passphrase-file pass.txt -o web", "web.key and web.pem"],
  ]);
}

async function act(path: string, options: Options): Promise<void> {
  const files = { key: `${options.out}.key`, chain: `${options.out}.pem` };
  for (const file of Object.values(files)) {
    if (existsSync(file)) throw new UsageError(`${file} exists; choose another path, or remove it`);
  }
  const passphrase = readPassphrase(options.passphraseFile)!;
  const read = (bytes: Uint8Array) => readPkcs12(bytes, passphrase);
  const { certificates, privateKey } = readBinary(path, "PKCS #12", read);
  const pem = keyToPem(privateKey, readPassphrase(options.encryptWith), await pkiProvider());
  writeWhole(files.key, pem, { mode: secretMode });
  writeWhole(files.chain, certificates.map(({ der }) => encodePem("CERTIFICATE", der)).join(""));
  if (options.json) printJson({ subject: certificates[0]!.subject.text, files });
  else for (const [what, file] of Object.entries(files)) print(`${what.padEnd(8)} ${file}`);
}
