import type { Command } from "commander";
import { publishList } from "../../authority/index.ts";
import { toHex } from "../../wire/index.ts";
import { UsageError } from "../errors.ts";
import { examples } from "../options.ts";
import { print, printJson } from "../output.ts";
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
import { explained } from "../pki/report.ts";

interface Options extends WriterOptions, SigningOptions {
  readonly lifetime?: number;
  readonly delta?: true;
}

export function define(command: Command): void {
  command.argument("[issuer]", "whose list; default: those of all authorities");
  addWriter(command).option("--delta", "only what is new since the last complete list");
  addLifetime(command, "7d");
  addSigning(command).action(explained(act));
  examples(command, [
    ["pki crl", "a list of each authority, in pki/crl"],
    ["pki crl ca --delta --lifetime 1h", "an addition to the last one"],
  ]);
}

const standardLifetime = 7 * 86_400_000;

async function act(issuer: string | undefined, options: Options): Promise<void> {
  const { delta, lifetime = standardLifetime } = options;
  const signing = await readSigning(options);
  await changeDirectory(options, async (pki) => {
    const authorities = pki.authorities().filter(({ revoked }) => revoked === undefined);
    const chosen = authorities.filter(({ name }) => (issuer ?? name) === name);
    if (chosen.length === 0) {
      const names = authorities.map(({ name }) => name).join(", ");
      throw new UsageError(`there is no authority ${JSON.stringify(issuer)}, but ${names}`);
    }
    const made = [];
    const able = await ableIn(pki, signing);
    for (const entry of chosen) {
      const terms = { issuer: entry, isDelta: delta === true, lifetime };
      const { base, crl, ...list } = await publishList(pki, terms, able);
      made.push({
        issuer: list.issuer,
        number: list.number,
        ...(base === undefined ? {} : { baseNumber: base }),
        revoked: crl.entries.map(({ serialNumber }) => toHex(serialNumber)),
        nextUpdate: new Date(crl.nextUpdate ?? 0).toISOString(),
        files: list.files,
      });
    }
    if (options.json) printJson(made);
    for (const { issuer: name, number, revoked, nextUpdate, files } of options.json ? [] : made) {
      print(`${name}: list ${number} with ${revoked.length} revoked, until ${nextUpdate}`);
      for (const path of Object.values(files)) print(`  ${path}`);
    }
  });
}
