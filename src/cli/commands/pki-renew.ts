import type { Command } from "commander";
import { counts, type Entry, PkiDirectory, renew } from "../../authority/index.ts";
import { UsageError } from "../errors.ts";
import { duration, examples, readPassphrase } from "../options.ts";
import { note, printJson } from "../output.ts";
import {
  addLifetime,
  addSigning,
  addWriter,
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
}

export function define(command: Command): void {
  command.argument("[name]", "whose certificate to renew");
  addWriter(command)
    .option("--expiring <time>", "all that end within that time instead: 30d", duration)
    .option("--keep-key", "certify the same key again; for CAs and requests that is always so")
    .option("--encrypt-with <file>", "encrypts a new key with the passphrase in that file");
  addLifetime(command, "the profile's");
  addSigning(command).action(explained(act));
  command.addHelpText(
    "after",
    "\nThe old certificate stays valid until it expires or is revoked; live/<name>\n" +
      "points to the new one from one moment to the next. What is revoked is not renewed.",
  );
  examples(command, [
    ["pki renew web", "a new key and a new certificate with the same names"],
    ["pki renew ca --lifetime 2y", "an authority keeps its key"],
    ["pki renew --expiring 30d", "whatever ends within a month, authorities first"],
  ]);
}

async function act(name: string | undefined, options: Options): Promise<void> {
  const { expiring, dir, lifetime, keepKey } = options;
  if ((name === undefined) === (expiring === undefined)) {
    throw new UsageError("give either the name of a certificate or --expiring with a time");
  }
  const newPassphrase = readPassphrase(options.encryptWith);
  const signing = await readSigning(options);
  await PkiDirectory.change(
    dir,
    async (pki) => {
      const again = (each: string): Promise<Entry> =>
        renew(pki, { name: each, lifetime, keepsKey: keepKey, newPassphrase }, signing);
      if (name !== undefined) {
        reportIssued(pki, await again(name), options);
        return;
      }
      const renewed: Entry[] = [];
      for (const each of endingWithin(pki, expiring ?? 0)) renewed.push(await again(each.name));
      if (options.json) printJson(renewed.map((entry) => describeIssued(pki, entry)));
      else if (renewed.length === 0) note("nothing ends within that time");
      for (const entry of options.json ? [] : renewed) reportIssued(pki, entry, options);
    },
    { wait: options.wait },
  );
}

/** Current certificates that count and end soon; those that issue before those that they issue for. */
function endingWithin(pki: PkiDirectory, time: number): Entry[] {
  const end = Date.now() + time;
  const depth = (entry: Entry): number =>
    entry.profile === "root" ? 0 : 1 + depth(pki.current(entry.issuer));
  return pki.records.names
    .map((name) => pki.current(name))
    .filter((entry) => counts(entry) && Date.parse(entry.notAfter) <= end)
    .toSorted((a, b) => depth(a) - depth(b));
}
