import { type Command, Option } from "commander";
import { register, unregister } from "../../authority/index.ts";
import { type KeyType } from "../../crypto/index.ts";
import { keyTypeNames } from "../../identity/index.ts";
import { duration, examples } from "../options.ts";
import { print, printJson } from "../output.ts";
import {
  addLifetime,
  addNames,
  addWriter,
  changeDirectory,
  checkName,
  type NameOptions,
  namesOf,
  type WriterOptions,
} from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends WriterOptions, NameOptions {
  readonly issuer?: string;
  readonly profile: string;
  readonly lifetime?: number;
  readonly grace?: number;
  readonly keyType?: readonly KeyType[];
}

export function define(command: Command): void {
  command.argument("<name>", "how the directory calls it");
  addNames(addWriter(command))
    .option("-i, --issuer <name>", "who certifies it; default: the only authority below a root")
    .option("-p, --profile <name>", "what it is for, as pki.json says", "peer")
    .option("--grace <time>", "how long after its end a certificate can be renewed", duration)
    .addOption(
      new Option("--key-type <types...>", "of its keys; default: the profile's").choices(
        keyTypeNames,
      ),
    );
  addLifetime(command, "the profile's").action(explained(act));
  examples(command, [
    ["authority register ann --uri spiffe://example.org/ann --lifetime 1h", "an agent"],
    ["authority register ann --uri spiffe://example.org/ann --grace 10m", "one that may be late"],
  ]);
}

async function act(given: string, options: Options): Promise<void> {
  const { issuer, profile, lifetime, grace, keyType } = options;
  const terms = {
    name: checkName(given),
    issuer,
    profile,
    names: namesOf(options),
    lifetime,
    grace,
    keyTypes: keyType,
  };
  const { type: _, ...registered } = await changeDirectory(options, (pki) => register(pki, terms));
  if (options.json) printJson(registered);
  else print(`${registered.name}: ${Object.values(registered.names).flat().join(", ")}`);
}

export function defineUnregister(command: Command): void {
  command.argument("<name>", "who gets nothing more");
  examples(command, [["authority unregister ann", "ann enrols and renews no more"]]);
  addWriter(command).action(
    explained(async (name: string, options: WriterOptions) => {
      await changeDirectory(options, (pki) => unregister(pki, name));
      if (options.json) printJson({ name });
      else print(`${name} is registered no more; to take back what it has: pki revoke ${name}`);
    }),
  );
}
