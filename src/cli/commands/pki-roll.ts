import type { Command } from "commander";
import { rollRoot } from "../../authority/index.ts";
import { chooseSigningKey } from "../algorithms.ts";
import type { CandidateOptions } from "../candidates.ts";
import { duration, examples, readPassphrase } from "../options.ts";
import { print, printJson } from "../output.ts";
import {
  ableIn,
  addAlgorithm,
  addSigning,
  addWriter,
  changeDirectory,
  readSigning,
  type SigningOptions,
  type WriterOptions,
} from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends WriterOptions, SigningOptions, CandidateOptions {
  readonly overlap: number;
  readonly algorithm?: string;
  readonly crossSign?: true;
  readonly encryptWith?: string;
}

export function define(command: Command): void {
  command.argument("[root]", "which root", "root");
  addWriter(command)
    .option("--overlap <time>", "in which everybody learns the new root", duration, 3_600_000)
    .option("--cross-sign", "lets the old root vouch for the new one until it goes")
    .option("--encrypt-with <file>", "encrypts new keys with the passphrase in that file");
  addAlgorithm(command, "of all new keys; default: as before");
  addSigning(command).action(explained(act));
  command.addHelpText(
    "after",
    "\nMakes a new root, and new authorities for those below the old one. After the\n" +
      "overlap these certify in the place of the old ones, by themselves, renewals too;\n" +
      "and when the last certificate has ended that may be below the old root, it\n" +
      "leaves the bundle. Old keys sign nothing for that, but with --cross-sign: then who\n" +
      "knows only the old root finds a path to what is below the new one.",
  );
  examples(command, [
    ["pki roll", "a new root in an hour"],
    ["pki roll root --overlap 1d --algorithm ML-DSA-65", "to post-quantum signatures"],
  ]);
}

async function act(name: string, options: Options): Promise<void> {
  const { overlap, algorithm } = options;
  const plain = await readSigning(options);
  const key =
    algorithm === undefined
      ? undefined
      : await chooseSigningKey(algorithm, plain.provider, options);
  const signing = { ...plain, provider: key?.provider ?? plain.provider };
  const terms = {
    name,
    overlap,
    algorithm: key?.type,
    crossSigned: options.crossSign,
    newPassphrase: readPassphrase(options.encryptWith),
  };
  const plan = await changeDirectory(options, async (pki) =>
    rollRoot(pki, terms, await ableIn(pki, signing)),
  );
  const facts = plan.map(({ name: old, by, from, until }) => ({ name: old, by, from, until }));
  if (options.json) return printJson(facts);
  for (const { name: old, by, from, until } of facts) {
    print(`${old}: ${by} takes over at ${from}, and nothing is below the old one after ${until}`);
  }
}
