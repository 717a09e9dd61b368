import { type Command, Option } from "commander";
import { createNoble } from "../../crypto/index.ts";
import { createNative } from "../../crypto/native.ts";
import { type Group, groups } from "../../groups/index.ts";
import { defaultSeed } from "../../lab/hybrid/index.ts";
import {
  type Corpus,
  runCorpus,
  type Subject,
  UnknownFormat,
  UnreadableCorpus,
} from "../../lab/vectors/index.ts";
import { chooseAll } from "../choose.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { examples } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import {
  type AnyProviderName,
  loadAnyProvider,
  loadProvider,
  type ProviderName,
} from "../provider.ts";
import { findVectors, loadVectors, ownVectors, type VectorFile } from "../vectors/find.ts";
import { authKemRecipes, type Recipe, recipes, writeVectors } from "../vectors/generate.ts";
import { Progress } from "../progress.ts";
import {
  type ProviderRow,
  renderIgnored,
  renderRow,
  renderTotals,
  totalsOf,
  type Widths,
} from "../vectors/render.ts";

interface Options {
  readonly corpus?: readonly string[];
  /** `both`: noble and native; `oqs`: native with ML-KEM, ML-DSA and SLH-DSA of liboqs. */
  readonly provider: AnyProviderName | "both";
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .option("-c, --corpus <path...>", "files, or folders with all below them", undefined)
    .addOption(
      new Option("-p, --provider <name>", "which cryptography to check")
        .choices(["noble", "native", "oqs", "both"])
        .default("both"),
    )
    .option("--json", "plain data")
    .action(act);
  command.addHelpText(
    "after",
    [
      "",
      "Reads C2SP Wycheproof, NIST ACVP and .rsp files, traces of RFC 8448, and",
      "handshakes of our own. Without --corpus it takes those of the package",
      "kemistry-vectors.",
      "Exit code 1: a case failed. 2: a file could not be read, or nothing was run.",
    ].join("\n"),
  );
  examples(command, [
    ["vectors", "all of kemistry-vectors, on both providers"],
    ["vectors --corpus wycheproof --provider native", "a checkout of Wycheproof"],
    ["vectors --provider oqs", "on liboqs: npm install @oqs/liboqs-js"],
    ["vectors generate --seed mine --out my-vectors", "hybrid handshakes from another seed"],
  ]);
  const generating = command
    .command("generate")
    .description("make hybrid handshakes and wrong shares from a seed")
    .option("-s, --seed <text>", "the same seed gives the same bytes", defaultSeed)
    .option("-o, --out <folder>", "where to write", "hybrid-vectors")
    .option("-g, --group <names>", "some groups only, with commas between them")
    .option("--auth-kem", "handshakes by KEM (AuthKEM) instead, of one group")
    .option("--json", "each file, its bytes and whether it changed, as data")
    .action(generate);
  examples(generating, [
    ["vectors generate --group x25519 --out mine", "those of one group"],
    ["vectors generate --auth-kem --out mine", "authentication by KEM"],
  ]);
  const recording = command
    .command("record")
    .description("record handshakes with OpenSSL 3.5 or later, and its key log")
    .requiredOption("--openssl <program>", "the openssl command")
    .option("-s, --seed <text>", "what our end follows from", defaultSeed)
    .option("-o, --out <folder>", "where to write", "hybrid-vectors")
    .option("-g, --group <names>", "some groups only, with commas between them")
    .option("--json", "each file, its bytes and whether it changed, as data")
    .action(record);
  examples(recording, [["vectors record --openssl openssl --out mine", "with that OpenSSL"]]);
}

async function act({ corpus, provider, json }: Options): Promise<void> {
  const files = findVectors(corpus ?? [ownVectors()]);
  const subjects = await subjectsOf(provider);
  const progress = new Progress(files.length);
  const widths: Widths = {
    file: Math.max(...files.map(({ name }) => name.length)),
    provider: Math.max(...subjects.map(({ name }) => name.length)),
  };
  const rows: ProviderRow[] = [];
  const unreadable: { file: string; reason: string }[] = [];
  const ignored: string[] = [];
  for (const file of files) {
    progress.begin(file.name);
    const read = attempt(file);
    if (read instanceof UnknownFormat && !file.named) ignored.push(file.name);
    else if (read instanceof UnreadableCorpus) {
      unreadable.push({ file: file.path, reason: read.message });
      progress.clear();
      note(`kemistry: cannot read ${file.path}: ${read.message}`);
    } else {
      for (const { name, subject } of subjects) {
        const row = { provider: name, ...runCorpus(file.name, read, subject) };
        rows.push(row);
        if (json) continue;
        progress.clear();
        print(renderRow(row, widths));
      }
    }
  }
  progress.clear();
  if (json) {
    const totals = subjects.map(({ name }) => [name, totalsOf(rows, name)]);
    printJson({ rows, totals: Object.fromEntries(totals), unreadable, ignored });
  } else {
    if (rows.length > 0) print(`\n${renderTotals(rows)}`);
    if (ignored.length > 0) note(renderIgnored(ignored));
  }
  process.exitCode = verdict(rows, unreadable.length);
}

/** @throws UsageError if nothing was checked */
function verdict(rows: readonly ProviderRow[], unreadable: number): number {
  if (rows.some(({ failed }) => failed > 0)) return ExitCode.failed;
  if (unreadable > 0) return ExitCode.usage;
  if (rows.every(({ passed }) => passed === 0)) {
    throw new UsageError("nothing was checked: no case there could be run");
  }
  return ExitCode.ok;
}

function attempt(file: VectorFile): Corpus | UnreadableCorpus {
  try {
    return loadVectors(file);
  } catch (error) {
    if (error instanceof UnreadableCorpus) return error;
    throw error;
  }
}

async function subjectsOf(
  chosen: Options["provider"],
): Promise<{ readonly name: string; readonly subject: Subject }[]> {
  // liboqs takes no randomness from anybody: what needs it is skipped
  if (chosen === "oqs") {
    return [{ name: chosen, subject: { provider: await loadAnyProvider(chosen) } }];
  }
  const names: readonly ProviderName[] = chosen === "both" ? ["noble", "native"] : [chosen];
  const seeded = {
    noble: (random: Subject["provider"]["random"]) => createNoble({ random }),
    native: (random: Subject["provider"]["random"]) => createNative({ random }),
  };
  return Promise.all(
    names.map(async (name) => ({
      name,
      subject: { provider: await loadProvider(name), seeded: seeded[name] },
    })),
  );
}

interface MakeOptions {
  readonly seed: string;
  readonly out: string;
  readonly group?: string;
  readonly authKem?: true;
  readonly json?: true;
}

const chosenGroups = ({ group }: MakeOptions): readonly Group[] =>
  group === undefined ? groups : chooseAll("group", groups, group);

async function generate(options: MakeOptions): Promise<void> {
  const { authKem, group, seed } = options;
  if (authKem && group !== undefined) {
    throw new UsageError("--auth-kem has a group of its own: leave out --group");
  }
  await writeAll(options, authKem ? authKemRecipes(seed) : recipes(chosenGroups(options), seed));
}

async function record(options: MakeOptions & { readonly openssl: string }): Promise<void> {
  const { opensslVersionOf } = await import("../openssl.ts");
  const { canRecord, recordHandshakes } = await import("../vectors/record.ts");
  const { openssl, seed } = options;
  const version = opensslVersionOf(openssl);
  const recordings = chosenGroups(options)
    .filter(canRecord)
    .map((group) => ({
      name: `recorded/${group.name}.json.gz`,
      make: () => recordHandshakes(openssl, version, group, seed),
    }));
  await writeAll(options, recordings);
}

async function writeAll({ out, json }: MakeOptions, planned: readonly Recipe[]): Promise<void> {
  const progress = new Progress(planned.length);
  const files: Awaited<ReturnType<typeof writeVectors>>[] = [];
  for (const recipe of planned) {
    progress.begin(recipe.name);
    const file = await writeVectors(out, recipe);
    files.push(file);
    progress.clear();
    if (json) continue;
    const { name, bytes, isChanged } = file;
    print(`${isChanged ? "wrote" : "unchanged"}  ${name}  ${bytes} bytes`);
  }
  if (json) printJson({ folder: out, files });
}
