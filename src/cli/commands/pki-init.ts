import { type Command, Option } from "commander";
import {
  firstSettings,
  issueRoot,
  PkiDirectory,
  standardKey,
  standardLifetime,
} from "../../authority/index.ts";
import type { NameAttributes } from "../../identity/index.ts";
import { chooseSigningKey } from "../algorithms.ts";
import { examples, wholeNumber } from "../options.ts";
import {
  addLifetime,
  addLimits,
  addKeyPlace,
  addSubject,
  addWriter,
  checkName,
  type LimitOptions,
  limitsOf,
  type KeyPlaceOptions,
  readKeyPlace,
  readSigning,
  type WriterOptions,
} from "../pki/options.ts";
import { explained, reportIssued } from "../pki/report.ts";

interface Options extends WriterOptions, KeyPlaceOptions, LimitOptions {
  readonly name: string;
  readonly subject?: NameAttributes;
  readonly lifetime?: number;
  readonly pathLength?: number;
  readonly crlUrl?: string;
  readonly ocspUrl?: string;
  readonly database?: string;
}

export function define(command: Command): void {
  addWriter(command).option("-n, --name <name>", "how the directory calls the root", "root");
  addSubject(command, "CN=Root CA");
  addKeyPlace(command, standardKey);
  addLimits(addLifetime(command, "10y"))
    .addOption(
      new Option("--path-length <count>", "how many levels of CAs may stand below").argParser(
        wholeNumber(0, 9),
      ),
    )
    .option("--crl-url <url>", "where lists will be served; {issuer} stands for the CA's name")
    .option("--ocsp-url <url>", "where a responder will answer")
    .option("--database <url>", "a PostgreSQL that several machines share; the folder is a copy")
    .action(explained(act));
  examples(command, [
    ["pki init", "an ML-DSA-65 root that lives ten years"],
    ["pki init -a secp384r1 -s O=Example,CN=Root", "another key, and a name of its own"],
    ["pki init -a falcon512", "a candidate's: npm install @oqs/liboqs-js"],
    ["pki init --encrypt-with pass.txt", "the root's key under a passphrase"],
    ["pki init --database postgresql://pki@db.lan/pki", "shared: others need pki.json and no more"],
    ["pki init --permit dns:example.org,uri:example.org", "a root for one domain"],
  ]);
}

async function act(options: Options): Promise<void> {
  const { dir, crlUrl, ocspUrl, database, pathLength, wait } = options;
  const name = checkName(options.name);
  const plain = await readSigning({});
  const key = await chooseSigningKey(options.algorithm ?? standardKey, plain.provider, options);
  const signing = { ...plain, provider: key.provider };
  const settings = firstSettings({
    ...(crlUrl === undefined ? {} : { crlUrl }),
    ...(ocspUrl === undefined ? {} : { ocspUrl }),
    ...(database === undefined ? {} : { database }),
  });
  const terms = {
    name,
    subject: options.subject ?? { CN: "Root CA" },
    algorithm: key.type,
    lifetime: options.lifetime ?? standardLifetime,
    pathLength,
    limits: limitsOf(options),
    ...readKeyPlace(options),
  };
  await PkiDirectory.create(
    dir,
    settings,
    async (pki) => reportIssued(pki, await issueRoot(pki, terms, signing), options),
    { wait },
  );
}
