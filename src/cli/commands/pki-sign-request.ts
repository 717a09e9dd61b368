import type { Command } from "commander";
import {
  announce,
  authorityOf,
  checkFree,
  chooseAuthority,
  PkiDirectory,
} from "../../authority/index.ts";
import { parseCsr, signRequest } from "../../identity/index.ts";
import { examples } from "../options.ts";
import {
  addDirectory,
  addIssuer,
  addLifetime,
  addSigning,
  addSubject,
  checkName,
  type DirectoryOption,
  type IssuerOptions,
  type NameOptions,
  pkiProvider,
  readPassphrase,
} from "../pki/options.ts";
import { readPemOrDer } from "../pki/read.ts";
import { explained, reportIssued } from "../pki/report.ts";

interface Options extends DirectoryOption, IssuerOptions, Pick<NameOptions, "subject"> {}

export function define(command: Command): void {
  command
    .argument("<name>", "how the directory calls it")
    .argument("<request>", "a certification request (PKCS#10), PEM or DER");
  addDirectory(command);
  addIssuer(command);
  addSubject(command, "the request's, if it is CN=<name>, or one of its names");
  addLifetime(command, "the profile's");
  addSigning(command).action(explained(act));
  command.addHelpText(
    "after",
    "\nThe request must be signed with its own key, and ask for nothing that the\n" +
      "profile in pki.json does not give: names, keys and usages are checked.",
  );
  examples(command, [
    ["pki sign-request agent agent.csr --profile peer", "the key stays where it was made"],
  ]);
}

async function act(given: string, path: string, options: Options): Promise<void> {
  const name = checkName(given);
  const csr = readPemOrDer(path, "a certification request", parseCsr);
  const passphrase = readPassphrase(options.passphraseFile);
  const provider = await pkiProvider();
  await PkiDirectory.change(options.dir, (pki) => {
    checkFree(pki, name);
    const { profile, lifetime } = options;
    const issuer = chooseAuthority(pki, options.issuer);
    const authority = authorityOf(pki, issuer, provider, { profile, lifetime, passphrase });
    const asAsked = options.subject === undefined && csr.subject.text !== `CN=${name}`;
    const certificate = signRequest(csr, {
      ...authority,
      ...(asAsked ? {} : { subject: options.subject ?? { CN: name } }),
    });
    const { entry } = announce(pki, certificate, { name, profile, issuer }, undefined);
    reportIssued(pki, entry, options);
  });
}
