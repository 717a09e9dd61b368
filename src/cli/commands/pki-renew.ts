import { spawnSync } from "node:child_process";
import type { Command } from "commander";
import {
  counts,
  type Entry,
  type PkiDirectory,
  renew,
  revokeSuperseded,
} from "../../authority/index.ts";
import { UsageError } from "../errors.ts";
import { duration, examples, readPassphrase } from "../options.ts";
import { note, printJson } from "../output.ts";
import {
  ableIn,
  addLifetime,
  addSigning,
  addWriter,
  changeDirectory,
  readSigning,
  type SigningOptions,
  type WriterOptions,
} from "../pki/options.ts";
import { describeIssued, explained, reportIssued } from "../pki/report.ts";

interface Options extends WriterOptions, SigningOptions {
  readonly keepKey?: true;
  readonly encryptWith?: string;
  readonly lifetime?: number;
  readonly expiring?: number;
  readonly revokeOld?: number;
  readonly exec?: string;
}

export function define(command: Command): void {
  command.argument("[name]", "whose certificate to renew");
  addWriter(command)
    .option("--expiring <time>", "all that end within that time instead: 30d", duration)
    .option("--keep-key", "certify the same key again; for CAs and requests that is always so")
    .option("--encrypt-with <file>", "encrypts a new key with the passphrase in that file")
    .option("--revoke-old <time>", "revoke what was renewed that long ago: 1h", duration)
    .option("--exec <command>", "run for each that was renewed: reload a server, say");
  addLifetime(command, "the profile's");
  addSigning(command).action(explained(act));
  command.addHelpText(
    "after",
    "\nThe old certificate stays valid until it expires or is revoked; live/<name>\n" +
      "points to the new one from one moment to the next. What is revoked is not renewed.\n" +
      "--revoke-old takes back, in this run, what earlier runs renewed: repeat it, with cron say.\n" +
      "--exec runs a command of the shell with KEMISTRY_NAME, KEMISTRY_SERIAL, KEMISTRY_CHAIN and\n" +
      "KEMISTRY_KEY (paths), once all is on disk.",
  );
  examples(command, [
    ["pki renew web", "a new key and a new certificate with the same names"],
    ["pki renew ca --lifetime 2y", "an authority keeps its key"],
    ["pki renew --expiring 30d", "whatever ends within a month, authorities first"],
    [
      "pki renew --expiring 30d --exec 'systemctl reload nginx' --revoke-old 1h",
      "what cron should do every day",
    ],
  ]);
}

async function act(name: string | undefined, options: Options): Promise<void> {
  const { expiring, lifetime, keepKey, revokeOld } = options;
  if ((name === undefined) === (expiring === undefined)) {
    throw new UsageError("give either the name of a certificate or --expiring with a time");
  }
  const newPassphrase = readPassphrase(options.encryptWith);
  const signing = await readSigning(options);
  const renewed = await changeDirectory(options, async (pki) => {
    const names = name === undefined ? endingWithin(pki, expiring ?? 0) : [name];
    const entries: Entry[] = [];
    const able = await ableIn(
      pki,
      signing,
      names.map((each) => pki.current(each)),
    );
    for (const each of names) {
      const terms = { name: each, lifetime, keepsKey: keepKey, newPassphrase };
      entries.push(await renew(pki, terms, able));
    }
    if (name !== undefined) reportIssued(pki, entries[0]!, options);
    else report(pki, entries, options);
    if (revokeOld !== undefined) {
      for (const old of revokeSuperseded(pki, { after: revokeOld, name })) {
        note(`${old.name} ${old.serial} is revoked: it was renewed`);
      }
    }
    return entries.map((entry) => describeIssued(pki, entry));
  });
  if (options.exec !== undefined) for (const each of renewed) run(options.exec, each);
}

function report(pki: PkiDirectory, renewed: readonly Entry[], options: Options): void {
  if (options.json) printJson(renewed.map((entry) => describeIssued(pki, entry)));
  else if (renewed.length === 0) note("nothing ends within that time");
  for (const entry of options.json ? [] : renewed) reportIssued(pki, entry, options);
}

/** What it prints is told on standard error: on standard output stands what was renewed. @throws Error if it fails */
function run(command: string, { name, serial, files }: ReturnType<typeof describeIssued>): void {
  const env = {
    ...process.env,
    KEMISTRY_NAME: name,
    KEMISTRY_SERIAL: serial,
    KEMISTRY_CHAIN: files.chain,
    KEMISTRY_KEY: files.key ?? "",
  };
  const { status, signal, error } = spawnSync(command, {
    shell: true,
    env,
    stdio: ["ignore", process.stderr, process.stderr],
  });
  if (error !== undefined) throw error;
  if (status !== 0) {
    throw new Error(`${name} is renewed, and the command for it ended with ${status ?? signal}`);
  }
}

/** Current certificates that count and end soon; those that issue before those that they issue for. */
function endingWithin(pki: PkiDirectory, time: number): string[] {
  const end = Date.now() + time;
  const depth = (entry: Entry): number =>
    entry.profile === "root" ? 0 : 1 + depth(pki.current(entry.issuer));
  return pki.records.names
    .map((name) => pki.current(name))
    .filter((entry) => counts(entry) && Date.parse(entry.notAfter) <= end)
    .toSorted((a, b) => depth(a) - depth(b))
    .map(({ name }) => name);
}
