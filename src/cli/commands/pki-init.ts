import { type Command, Option } from "commander";
import {
  entryOf,
  firstSettings,
  generateKeyPair,
  issueRoot,
  keyToPem,
  PkiDirectory,
  standardKey,
  standardLifetime,
} from "../../authority/index.ts";
import type { NameAttributes } from "../../identity/index.ts";
import { examples, wholeNumber } from "../options.ts";
import {
  addDirectory,
  addLifetime,
  addNewKey,
  addSubject,
  checkName,
  type DirectoryOption,
  type NewKeyOptions,
  pkiProvider,
  readPassphrase,
} from "../pki/options.ts";
import { explained, reportIssued } from "../pki/report.ts";

interface Options extends DirectoryOption, NewKeyOptions {
  readonly name: string;
  readonly subject?: NameAttributes;
  readonly lifetime?: number;
  readonly pathLength?: number;
  readonly crlUrl?: string;
  readonly ocspUrl?: string;
}

export function define(command: Command): void {
  addDirectory(command).option("-n, --name <name>", "how the directory calls the root", "root");
  addSubject(command, "CN=Root CA");
  addNewKey(command, standardKey);
  addLifetime(command, "10y")
    .addOption(
      new Option("--path-length <count>", "how many levels of CAs may stand below").argParser(
        wholeNumber(0, 9),
      ),
    )
    .option("--crl-url <url>", "where lists will be served; {issuer} stands for the CA's name")
    .option("--ocsp-url <url>", "where a responder will answer")
    .action(explained(act));
  examples(command, [
    ["pki init", "an ML-DSA-65 root that lives ten years"],
    ["pki init -a secp384r1 -s O=Example,CN=Root", "another key, and a name of its own"],
    ["pki init --encrypt-with pass.txt", "the root's key under a passphrase"],
  ]);
}

async function act(options: Options): Promise<void> {
  const { dir, crlUrl, ocspUrl, pathLength } = options;
  const name = checkName(options.name);
  const passphrase = readPassphrase(options.encryptWith);
  const provider = await pkiProvider();
  const settings = firstSettings({
    ...(crlUrl === undefined ? {} : { crlUrl }),
    ...(ocspUrl === undefined ? {} : { ocspUrl }),
  });
  await PkiDirectory.create(dir, settings, (pki) => {
    const pair = generateKeyPair(provider, options.algorithm ?? standardKey);
    const certificate = issueRoot({
      ...pair,
      subject: options.subject ?? { CN: "Root CA" },
      pathLength,
      lifetime: options.lifetime ?? standardLifetime,
      provider,
    });
    const entry = entryOf(certificate, { name, issuer: name, profile: "root" });
    const keyPem = keyToPem(pair.privateKey, passphrase, provider);
    pki.add({ entry, certificate, above: [], keyPem });
    reportIssued(pki, entry, options);
  });
}
