import type { Command } from "commander";
import { type Entry, PkiDirectory } from "../../authority/index.ts";
import { dateForPeople } from "../date.ts";
import { messageOf, UsageError } from "../errors.ts";
import { printable } from "../../registry/index.ts";
import { examples, readBytes, readPassphrase } from "../options.ts";
import { print, printJson, table } from "../output.ts";
import { type Fact, type Facts, factsOf } from "../pki/facts.ts";
import { addDirectory, type DirectoryOption } from "../pki/options.ts";
import { dataOf, explained } from "../pki/report.ts";
import { style } from "../style.ts";

interface Options extends DirectoryOption {
  readonly passphraseFile?: string;
}

export function define(command: Command): void {
  command.argument("[files...]", "certificates, requests, lists, keys, OCSP responses: PEM or DER");
  addDirectory(command)
    .option(
      "--passphrase-file <file>",
      "opens private keys, of which only the public half is shown",
    )
    .action(explained(act));
  examples(command, [
    ["pki show", "all that the directory has issued"],
    ["pki show pki/live/web/chain.pem", "what the certificates say"],
    ["pki show -", "what comes on standard input"],
    ["pki show --json request.csr | jq '.[0].names'", "as data"],
  ]);
}

async function act(files: readonly string[], options: Options): Promise<void> {
  if (files.length === 0) {
    const pki = PkiDirectory.open(options.dir);
    await pki.refresh();
    listDirectory(pki, options);
    return;
  }
  const passphrase = readPassphrase(options.passphraseFile);
  const facts: Facts[] = [];
  for (const file of files) {
    const read = await readFacts(file, passphrase);
    facts.push(...read.map((each) => ({ ...(files.length > 1 ? { file } : {}), ...each })));
  }
  if (options.json) printJson(facts);
  else print(facts.map((each) => render(each).join("\n")).join("\n\n"));
}

/** @throws UsageError that names the file */
async function readFacts(file: string, passphrase: string | undefined): Promise<Facts[]> {
  const bytes = readBytes(file);
  try {
    return await factsOf(bytes, passphrase);
  } catch (error) {
    throw new UsageError(`${file}: ${messageOf(error)}`);
  }
}

/** One fact a line, with what it is made of below it. */
function render(facts: Facts, indent = ""): string[] {
  return Object.entries(facts).flatMap(([name, fact]) => {
    const title = indent + style("dim", name.padEnd(Math.max(16 - indent.length, 0)));
    if (isText(fact)) return [`${title} ${shown(fact)}`];
    if (!Array.isArray(fact)) return [title.trimEnd(), ...render(fact as Facts, `${indent}  `)];
    if (fact.length === 0) return [`${title} none`];
    if (fact.every(isText)) return [`${title} ${fact.map(shown).join(", ")}`];
    const items = fact.flatMap((item) => [
      `${indent}  -`,
      ...render(item as Facts, `${indent}    `),
    ]);
    return [title.trimEnd(), ...items];
  });
}

/** One line, whatever a certificate says. */
const shown = (fact: string | number | boolean): string =>
  printable(dateForPeople(String(fact)), 1024);

const isText = (fact: Fact): fact is string | number | boolean => typeof fact !== "object";

function listDirectory(pki: PkiDirectory, { json }: Options): void {
  const entries = pki.entries.map((entry) => ({
    ...dataOf(entry),
    state: stateOf(entry),
    current: pki.current(entry.name) === entry,
  }));
  if (json) {
    printJson(entries);
    return;
  }
  const rows = entries.map(({ name, profile, issuer, state, notAfter, serial, current }) => [
    current ? name : `${name} (old)`,
    profile,
    issuer,
    state,
    notAfter.slice(0, 16).replace("T", " "),
    serial,
  ]);
  const columns = ["name", "profile", "issuer", "state", "until (UTC)", "serial"];
  print(
    table(
      columns.map((title) => ({ title })),
      rows,
    ),
  );
}

function stateOf({ revoked, notBefore, notAfter }: Entry): string {
  const now = Date.now();
  if (revoked !== undefined) return `revoked: ${revoked.reason}`;
  if (now > Date.parse(notAfter)) return "expired";
  return now < Date.parse(notBefore) ? "not valid yet" : "valid";
}
