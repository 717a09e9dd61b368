/** What the commands of `kemistry pki` have in common. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { extendProvider, kemKeyTypes, type Provider } from "../../crypto/index.ts";
import {
  attributeNames,
  type Certificate,
  keyTypeNames,
  type NameAttributes,
  type NameLimits,
  type SubjectNames,
} from "../../identity/index.ts";
import {
  type Entry,
  isName,
  type KeyPlace,
  PkiDirectory,
  printDuration,
  type Signing,
  standardWait,
} from "../../authority/index.ts";
import { TokenKeys } from "../../hsm/index.ts";
import { type CandidateOptions, maxKeyOption, schemesBehind } from "../candidates.ts";
import { UsageError } from "../errors.ts";
import { duration, readPassphrase } from "../options.ts";
import { loadProvider } from "../provider.ts";

export interface DirectoryOption {
  readonly dir: string;
  readonly json?: true;
}

export const addDirectory = (command: Command): Command =>
  command
    .addOption(
      new Option("-d, --dir <folder>", "the PKI directory").default("pki").env("KEMISTRY_PKI"),
    )
    .option("--json", "plain data");

/** For commands that write to the directory. */
export interface WriterOptions extends DirectoryOption {
  readonly wait: number;
}

export const addWriter = (command: Command): Command =>
  addDirectory(command).addOption(
    new Option("-w, --wait <time>", "how long to wait for other writers")
      .argParser(duration)
      .default(standardWait, printDuration(standardWait)),
  );

/** Writes to the directory that the options name. */
export const changeDirectory = <T>(
  { dir, wait }: WriterOptions,
  act: (pki: PkiDirectory) => T | Promise<T>,
): Promise<T> => PkiDirectory.change(dir, act, { wait });

export interface SigningOptions {
  readonly passphraseFile?: string;
}

/** For commands that sign with a key of the directory. */
export const addSigning = (command: Command): Command =>
  command.option("--passphrase-file <file>", "opens the signing key, if it is encrypted");

export const readSigning = async ({ passphraseFile }: SigningOptions): Promise<Signing> => ({
  passphrase: readPassphrase(passphraseFile),
  provider: await pkiProvider(),
  remoteKeys: new TokenKeys(),
});

export interface LimitOptions {
  readonly permit?: SubjectNames;
  readonly exclude?: SubjectNames;
}

/** For commands that make authorities. */
export const addLimits = (command: Command): Command =>
  command
    .option(
      "--permit <names>",
      "all that a CA may name: dns:example.org,ip:10.0.0.0/8,uri:.example.org,email:example.org",
      bases,
    )
    .option("--exclude <names>", "what a CA must not name, written in the same way", bases);

export const limitsOf = ({ permit, exclude }: LimitOptions): NameLimits | undefined =>
  permit === undefined && exclude === undefined
    ? undefined
    : {
        ...(permit === undefined ? {} : { permitted: permit }),
        ...(exclude === undefined ? {} : { excluded: exclude }),
      };

export interface IssuerOptions extends SigningOptions {
  readonly issuer?: string;
  readonly profile: string;
  readonly lifetime?: number;
  readonly shareId?: true;
}

export const addIssuer = (command: Command): Command =>
  command
    .option("-i, --issuer <name>", "the authority; default: the only one")
    .option("-p, --profile <name>", "what it is for, as pki.json says", "server")
    .option("--share-id", "gives a SPIFFE ID that another name has to this key too");

export interface NewKeyOptions extends CandidateOptions {
  /** A type of key, or a candidate's name. */
  readonly algorithm?: string;
  readonly encryptWith?: string;
}

export interface KeyPlaceOptions extends NewKeyOptions {
  readonly key?: string;
}

/** For commands that keep the new key, in a file or in a token. */
export const addKeyPlace = (
  command: Command,
  standard: string,
  types: readonly string[] = keyTypeNames,
): Command =>
  addNewKey(command, standard, types).option(
    "--key <uri>",
    "in a token: pkcs11:token=<name>;object=<name>, as RFC 7512 has it",
  );

export const readKeyPlace = ({
  encryptWith,
  key,
}: Pick<KeyPlaceOptions, "encryptWith" | "key">): KeyPlace => ({
  newPassphrase: readPassphrase(encryptWith),
  keyUri: key,
});

export const addNewKey = (
  command: Command,
  standard: string,
  types: readonly string[] = keyTypeNames,
): Command =>
  addAlgorithm(command, `the new key; default: ${standard}`, types).option(
    "--encrypt-with <file>",
    "encrypts the new key with the passphrase in that file",
  );

/** What certificates can hold. */
export const allKeyTypes: readonly string[] = [...keyTypeNames, ...kemKeyTypes];

export const addAlgorithm = (
  command: Command,
  what: string,
  types: readonly string[] = keyTypeNames,
): Command =>
  command
    .addOption(
      new Option("-a, --algorithm <type>", `${what}; also a candidate's name`)
        .choices(types)
        .argParser((text) => text),
    )
    .addOption(maxKeyOption());

export interface NameOptions {
  readonly subject?: NameAttributes;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly uri?: readonly string[];
  readonly email?: readonly string[];
}

export const addSubject = (command: Command, standard: string): Command =>
  command.option(
    "-s, --subject <name>",
    `O=Example,CN=a: the outermost first; default: ${standard}`,
    subject,
  );

export const addNames = (command: Command): Command =>
  command
    .option("--dns <names>", "host names, with commas", separated)
    .option("--ip <addresses>", "IP addresses, with commas", separated)
    .option("--uri <uris>", "URIs, SPIFFE IDs too, with commas", separated)
    .option("--email <addresses>", "e-mail addresses, with commas", separated);

export const namesOf = ({
  dns = [],
  ip = [],
  uri = [],
  email = [],
}: NameOptions): SubjectNames => ({
  dns,
  ip,
  uri,
  email,
});

export const addLifetime = (command: Command, standard: string): Command =>
  command.option("-l, --lifetime <time>", `15m, 24h, 90d, 10y; default: ${standard}`, duration);

/**
 * The same, also with the candidates behind keys that are in the directory already: of its authorities, and of what is
 * given besides.
 */
export async function ableIn<T extends Pick<Signing, "provider">>(
  pki: PkiDirectory,
  signing: T,
  besides: readonly (Entry | Pick<Certificate, "publicKey">)[] = [],
): Promise<T> {
  const keys = [...pki.authorities(), ...besides].map((each) =>
    "publicKey" in each ? each.publicKey : pki.certificate(each).publicKey,
  );
  const { provider } = signing;
  const types = keys.map(({ type }) => type);
  return { ...signing, provider: extendProvider(provider, await schemesBehind(types, provider)) };
}

/** Runs on OpenSSL where the running Node has the algorithm. */
export const pkiProvider = (): Promise<Provider> => loadProvider("native");

/** How the directory calls a certificate, and its folder. @throws UsageError */
export function checkName(name: string): string {
  if (isName(name)) return name;
  throw new UsageError(
    `${JSON.stringify(name)} cannot be a name here: letters, digits, dots and hyphens, at most 63`,
  );
}

/** A parser for distinguished names. */
function subject(text: string): NameAttributes {
  const attributes: Record<string, string> = {};
  for (const part of text.split(",")) {
    const [, name = "", value = ""] = /^\s*(\w+)\s*=\s*(.+?)\s*$/.exec(part) ?? [];
    if (!attributeNames.includes(name)) {
      throw new InvalidArgumentError(
        `Write it as O=Example,CN=a, with ${attributeNames.join(", ")}.`,
      );
    }
    if (Object.hasOwn(attributes, name)) {
      throw new InvalidArgumentError(`${name} stands there twice.`);
    }
    attributes[name] = value;
  }
  return attributes;
}

/** A parser for bases of name constraints, each with its kind. */
function bases(text: string): SubjectNames {
  const names: Record<string, string[]> = {};
  for (const part of separated(text)) {
    const [, kind = "", base = ""] = /^(dns|ip|uri|email):(.+)$/.exec(part) ?? [];
    if (kind === "") {
      throw new InvalidArgumentError("Write it as dns:example.org,ip:10.0.0.0/8,uri:…,email:….");
    }
    (names[kind] ??= []).push(base);
  }
  return names;
}

const separated = (text: string): string[] => text.split(",").map((part) => part.trim());
