import type { Command } from "commander";
import {
  announce,
  authorityOf,
  type Entry,
  entryOf,
  generateKeyPair,
  issueRoot,
  keyToPem,
  lifetimeOf,
  PkiDirectory,
} from "../../authority/index.ts";
import type { Provider } from "../../crypto/index.ts";
import { issueUnderProfile, printNames } from "../../identity/index.ts";
import { UsageError } from "../errors.ts";
import { examples } from "../options.ts";
import {
  addDirectory,
  addLifetime,
  addSigning,
  type DirectoryOption,
  pkiProvider,
  readPassphrase,
  type SigningOptions,
} from "../pki/options.ts";
import { explained, reportIssued } from "../pki/report.ts";

interface Options extends DirectoryOption, SigningOptions {
  readonly keepKey?: true;
  readonly encryptWith?: string;
  readonly lifetime?: number;
}

export function define(command: Command): void {
  command.argument("<name>", "whose certificate to renew");
  addDirectory(command)
    .option("--keep-key", "certify the same key again; for CAs and requests that is always so")
    .option("--encrypt-with <file>", "encrypts a new key with the passphrase in that file");
  addLifetime(command, "the profile's");
  addSigning(command).action(explained(act));
  command.addHelpText(
    "after",
    "\nThe old certificate stays valid until it expires or is revoked; live/<name>\n" +
      "points to the new one from one moment to the next.",
  );
  examples(command, [
    ["pki renew web", "a new key and a new certificate with the same names"],
    ["pki renew ca --lifetime 2y", "an authority keeps its key"],
  ]);
}

async function act(name: string, options: Options): Promise<void> {
  const passphrase = readPassphrase(options.passphraseFile);
  const newPassphrase = readPassphrase(options.encryptWith);
  const provider = await pkiProvider();
  await PkiDirectory.change(options.dir, (pki) => {
    const old = pki.current(name);
    if (old.profile === "root") {
      reportIssued(pki, renewRoot(pki, old, options, passphrase, provider), options);
      return;
    }
    const issuer = pki.current(old.issuer);
    const { profile } = old;
    const { lifetime } = options;
    const authority = authorityOf(pki, issuer, provider, { profile, lifetime, passphrase });
    const certificate = pki.certificate(old);
    const oldKey = pki.keyPem(old);
    const keeps = options.keepKey || oldKey === undefined || pki.isAuthority(old);
    if (!keeps && newPassphrase === undefined && oldKey.includes("ENCRYPTED")) {
      throw new UsageError(`the key of ${name} is encrypted: give --encrypt-with or --keep-key`);
    }
    const fresh = keeps ? undefined : generateKeyPair(provider, certificate.publicKey.type);
    const renewed = issueUnderProfile(
      {
        subject: certificate.subject,
        names: printNames(certificate.subjectAltNames),
        publicKey: fresh?.publicKey ?? certificate.publicKey,
      },
      authority,
    );
    const keyPem =
      fresh === undefined ? oldKey : keyToPem(fresh.privateKey, newPassphrase, provider);
    const { entry } = announce(pki, renewed, { name, profile, issuer }, keyPem);
    reportIssued(pki, entry, options);
  });
}

/** Signs itself again; what it has issued stays valid, for its name and its key are the same. */
function renewRoot(
  pki: PkiDirectory,
  old: Entry,
  { lifetime }: Options,
  passphrase: string | undefined,
  provider: Provider,
): Entry {
  const current = pki.certificate(old);
  const { subject, publicKey, basicConstraints } = current;
  const certificate = issueRoot({
    subject,
    privateKey: pki.privateKey(old, passphrase),
    publicKey,
    pathLength: basicConstraints?.pathLength,
    lifetime: lifetime ?? lifetimeOf(current),
    provider,
  });
  const keyPem = pki.keyPem(old);
  const entry = entryOf(certificate, old);
  pki.add({ entry, certificate, above: [], ...(keyPem === undefined ? {} : { keyPem }) });
  return entry;
}
