import { existsSync } from "node:fs";
import type { Command } from "commander";
import { generateKeyPair, keyToPem, secretMode, writeWhole } from "../../authority/index.ts";
import { createCsr, encodePem } from "../../identity/index.ts";
import { chooseSigningKey } from "../algorithms.ts";
import { UsageError } from "../errors.ts";
import { examples, readPassphrase } from "../options.ts";
import { print, printJson } from "../output.ts";
import {
  addNames,
  addNewKey,
  addSubject,
  type NameOptions,
  namesOf,
  type NewKeyOptions,
  pkiProvider,
} from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends NewKeyOptions, NameOptions {
  readonly json?: true;
}

const standardKey = "ed25519";

export function define(command: Command): void {
  command.argument("<path>", "writes <path>.key and <path>.csr, and overwrites neither");
  addSubject(command, "none: the names say who it is");
  addNames(command);
  addNewKey(command, standardKey);
  command.option("--json", "plain data").action(explained(act));
  examples(command, [
    ["pki request agent --uri spiffe://example.org/agent", "agent.key stays, agent.csr goes out"],
    ["pki request web -a ML-DSA-65 --dns a.example --encrypt-with pass.txt", "under a passphrase"],
  ]);
}

async function act(path: string, options: Options): Promise<void> {
  const files = { key: `${path}.key`, request: `${path}.csr` };
  for (const file of Object.values(files)) {
    if (existsSync(file)) throw new UsageError(`${file} exists; choose another path, or remove it`);
  }
  const passphrase = readPassphrase(options.encryptWith);
  const { algorithm = standardKey } = options;
  const { type, provider } = await chooseSigningKey(algorithm, await pkiProvider(), options);
  const pair = generateKeyPair(provider, type);
  const { subject = {} } = options;
  const csr = createCsr({ subject, names: namesOf(options), ...pair, provider });
  writeWhole(files.key, keyToPem(pair.privateKey, passphrase, provider), { mode: secretMode });
  writeWhole(files.request, encodePem("CERTIFICATE REQUEST", csr.der));
  if (options.json) printJson({ subject: csr.subject.text, names: namesOf(options), files });
  else for (const [what, file] of Object.entries(files)) print(`${what.padEnd(8)} ${file}`);
}
