import { type Command, Option } from "commander";
import { type Entry, PkiDirectory } from "../../authority/index.ts";
import { type CrlReason, crlReasons } from "../../identity/index.ts";
import { UsageError } from "../errors.ts";
import { examples } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import { addDirectory, type DirectoryOption } from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends DirectoryOption {
  readonly reason: CrlReason;
}

const reasons = Object.keys(crlReasons).filter((reason) => reason !== "removeFromCRL");

export function define(command: Command): void {
  command.argument("<name>", "whose current certificate, or a serial number in hexadecimal");
  addDirectory(command)
    .addOption(
      new Option("-r, --reason <reason>", "as RFC 5280 §5.3.1 names them")
        .choices(reasons)
        .default("unspecified"),
    )
    .action(explained(act));
  command.addHelpText("after", "\nOthers learn of it by the next `pki crl` or `pki ocsp`.");
  examples(command, [["pki revoke web --reason keyCompromise", "the key got into other hands"]]);
}

async function act(which: string, options: Options): Promise<void> {
  await PkiDirectory.change(options.dir, (pki) => {
    const old =
      pki.entries.find(({ serial }) => serial === which.toLowerCase()) ?? pki.current(which);
    if (old.revoked !== undefined) {
      throw new UsageError(`${old.name} ${old.serial} is revoked since ${old.revoked.at}`);
    }
    if (old.profile === "root") {
      throw new UsageError(
        "a root cannot be revoked: nobody stands above it; it must be distrusted",
      );
    }
    const { reason } = options;
    const entry: Entry = { ...old, revoked: { at: new Date().toISOString(), reason } };
    pki.replace(old, entry);
    if (options.json) printJson(entry);
    else {
      print(`${entry.name}: ${entry.subject}, serial ${entry.serial}, is revoked (${reason})`);
      note(`publish it with: kemistry pki crl ${entry.issuer}`);
    }
  });
}
