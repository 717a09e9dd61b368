import type { Command } from "commander";
import {
  announce,
  authorityOf,
  checkFree,
  chooseAuthority,
  generateKeyPair,
  keyToPem,
  PkiDirectory,
} from "../../authority/index.ts";
import { issueUnderProfile } from "../../identity/index.ts";
import { examples } from "../options.ts";
import {
  addDirectory,
  addIssuer,
  addLifetime,
  addNames,
  addNewKey,
  addSigning,
  addSubject,
  checkName,
  type DirectoryOption,
  type IssuerOptions,
  type NameOptions,
  namesOf,
  type NewKeyOptions,
  pkiProvider,
  readPassphrase,
} from "../pki/options.ts";
import { explained, reportIssued } from "../pki/report.ts";

interface Options extends DirectoryOption, IssuerOptions, NewKeyOptions, NameOptions {}

export function define(command: Command): void {
  command.argument("<name>", "how the directory calls it");
  addDirectory(command);
  addIssuer(command);
  addSubject(command, "CN=<name>");
  addNames(command);
  addNewKey(command, "as the issuer's");
  addLifetime(command, "the profile's");
  addSigning(command).action(explained(act));
  examples(command, [
    ["pki issue ca --profile intermediate", "an authority below the root"],
    ["pki issue web --issuer ca --dns localhost --ip 127.0.0.1,::1", "a server's certificate"],
    [
      "pki issue ann -i ca -p peer --uri spiffe://example.org/ann -l 15m",
      "an agent's, for a quarter of an hour",
    ],
  ]);
}

async function act(given: string, options: Options): Promise<void> {
  const name = checkName(given);
  const passphrase = readPassphrase(options.passphraseFile);
  const newPassphrase = readPassphrase(options.encryptWith);
  const provider = await pkiProvider();
  await PkiDirectory.change(options.dir, (pki) => {
    checkFree(pki, name);
    const { profile, lifetime } = options;
    const issuer = chooseAuthority(pki, options.issuer);
    const authority = authorityOf(pki, issuer, provider, { profile, lifetime, passphrase });
    const type = options.algorithm ?? authority.signingKey.type;
    const { privateKey, publicKey } = generateKeyPair(provider, type);
    const subject = options.subject ?? { CN: name };
    const certificate = issueUnderProfile(
      { subject, publicKey, names: namesOf(options) },
      authority,
    );
    const keyPem = keyToPem(privateKey, newPassphrase, provider);
    const { entry } = announce(pki, certificate, { name, profile, issuer }, keyPem);
    reportIssued(pki, entry, options);
  });
}
