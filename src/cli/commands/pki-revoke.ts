import { type Command, Option } from "commander";
import { type PkiDirectory, revoke, type Target } from "../../authority/index.ts";
import { type CrlReason, crlReasons } from "../../identity/index.ts";
import { examples } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import { addWriter, changeDirectory, type WriterOptions } from "../pki/options.ts";
import { dataOf, explained } from "../pki/report.ts";

interface Options extends WriterOptions {
  readonly reason: CrlReason;
  readonly all?: true;
}

const reasons = Object.keys(crlReasons).filter((reason) => reason !== "removeFromCRL");

export function define(command: Command): void {
  command.argument("<name>", "whose certificates, or a serial number in hexadecimal");
  addWriter(command)
    .option("--all", "whatever bears that name: a host name, a SPIFFE ID, an address")
    .addOption(
      new Option("-r, --reason <reason>", "as RFC 5280 §5.3.1 names them")
        .choices(reasons)
        .default("unspecified"),
    )
    .action(explained(act));
  command.addHelpText(
    "after",
    "\nA name stands for all its certificates that are still valid, a number for that\n" +
      "one and those before it. A key that was compromised is never certified again,\n" +
      "and all that was certified for it is revoked. Others learn of it by the next\n" +
      "`pki crl` or `pki ocsp`.",
  );
  examples(command, [
    ["pki revoke web --reason keyCompromise", "the key got into other hands"],
    ["pki revoke --all spiffe://example.org/ann", "an agent, by whatever name it is here"],
  ]);
}

async function act(which: string, options: Options): Promise<void> {
  const { reason, all, json } = options;
  await changeDirectory(options, (pki) => {
    const revoked = revoke(pki, targetOf(pki, which, all === true), reason);
    if (json) {
      printJson(revoked.map(dataOf));
      return;
    }
    for (const { name, subject, serial } of revoked) {
      print(`${name}: ${subject}, serial ${serial}, is revoked (${reason})`);
    }
    const issuers = new Set(revoked.map(({ issuer }) => issuer));
    for (const issuer of issuers) note(`publish it with: kemistry pki crl ${issuer}`);
  });
}

function targetOf(pki: PkiDirectory, which: string, isAll: boolean): Target {
  if (isAll) return { identity: which };
  const serial = which.toLowerCase();
  return pki.records.find(serial) === undefined ? { name: which } : { serial };
}
