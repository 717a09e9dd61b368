import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { modes } from "../../../bench/modes.ts";
import type { Results } from "../../../bench/results.ts";
import type { Selection } from "../../../bench/run.ts";
import { suites } from "../../../bench/suites.ts";
import { toCsv } from "../bench/csv.ts";
import { Progress } from "../bench/progress.ts";
import { renderEnvironment, renderSuite } from "../bench/render.ts";
import { choose, chooseName } from "../choose.ts";
import { messageOf, UsageError } from "../errors.ts";
import { examples, wholeNumber } from "../options.ts";
import { withOptional } from "../optional.ts";
import { note, print } from "../output.ts";
import { writeOutput } from "../write.ts";
import { defineCompare } from "./bench-compare.ts";

interface Options {
  readonly quick?: true;
  readonly full?: true;
  /** `oqs` is native with liboqs, in the suite `handshake`. */
  readonly provider: "noble" | "native" | "oqs" | "both";
  readonly group?: string;
  readonly signature?: string;
  readonly cipher?: string;
  readonly mode?: string;
  readonly tails?: true;
  readonly filter?: string;
  readonly seed: number;
  readonly json?: string;
  readonly csv?: string;
  readonly pcap?: string;
}

/** What a program ends with that was told to stop by Ctrl-C. */
const interrupted = 130;

export function define(command: Command): void {
  command
    .argument("[suites...]", "some of those below; default: all")
    .addOption(new Option("--quick", "a minute and a half: for a first look").conflicts("full"))
    .option("--full", "an hour: more samples, and every combination")
    .addOption(
      new Option("-p, --provider <name>", "which cryptography")
        .choices(["noble", "native", "oqs", "both"])
        .default("both"),
    )
    .option("-g, --group <names>", "some groups only, with commas between them")
    .option("--signature <names>", "some signature schemes, crossed with all that is named")
    .option("-c, --cipher <names>", "some cipher suites, crossed likewise")
    .option("--mode <names>", `crossed likewise: ${modes.join(", ")}`)
    .option("--tails", "time single operations, for p50, p95 and p99")
    .option("-f, --filter <text>", "only what has all these words in its name or parts")
    .option("-s, --seed <n>", "of orders and intervals", wholeNumber(0, 2 ** 31 - 1), 1)
    .option("--json <file>", "write all samples, with the environment; - is stdout")
    .option("--csv <file>", "the same as one table")
    .option("--pcap <file>", "write one handshake of each group, with its secrets, for Wireshark")
    .action(act);
  command.addHelpText(
    "after",
    [
      "",
      "Suites:",
      ...suites.map(({ name, title }) => `  ${name.padEnd(11)} ${title}`),
      "",
      "Candidates take turns, in several processes one after the other, and what counts",
      "is CPU time. Without --quick or --full it takes twenty minutes. Ctrl-C ends it",
      "early, and keeps what was measured.",
    ].join("\n"),
  );
  examples(command, [
    ["bench --quick --json r.json", "everything, then: kemistry report r.json"],
    ["bench handshake --group X25519MLKEM768,x25519", "two groups, all else as it is"],
    [
      "bench handshake -g x25519,X25519MLKEM768 --signature mldsa44,mldsa65",
      "four kinds of handshakes; with --tails their percentiles too",
    ],
    [
      "bench handshake -g x25519_hqc128 --signature mayo2 --provider native",
      "candidates: npm install @oqs/liboqs-js",
    ],
    ["bench peers floor", "against other stacks, and against the cryptography alone"],
  ]);
  // Behind the name of a subcommand stand options of its own
  defineCompare(command.enablePositionalOptions().command("compare"));
}

async function act(names: readonly string[], options: Options): Promise<void> {
  const { json, csv, filter } = options;
  const outputs = [json, csv].filter((path) => path !== undefined);
  for (const path of outputs) checkPlace(path);
  const chosen =
    names.length === 0 ? suites : names.map((name) => choose("benchmark", suites, name));
  const chosenNames = await namesOf(options);
  if (options.pcap !== undefined) {
    const { captureHandshakes } = await import("../bench/capture.ts");
    captureHandshakes(options.pcap, chosenNames.groups ?? ["X25519MLKEM768", "x25519"]);
  }
  const selection = {
    suites: chosen,
    profile: options.quick ? "quick" : options.full ? "full" : "default",
    seed: options.seed,
    providers: providersOf(options),
    ...chosenNames,
    ...(options.tails && { tails: true as const }),
    ...(filter !== undefined && { filter }),
  } as const;
  const { run } = await withOptional(["tinybench"], () => import("../../../bench/run.ts"));

  // Tables would be in the way of what is piped
  const show = outputs.includes("-") ? () => {} : print;
  const progress = new Progress();
  const keeper = new Keeper(options);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const results = await run(selection, {
      begun: (environment) => show(`${renderEnvironment(environment)}\n`),
      signal: stop.signal,
      progress: ({ name }, share, left) => progress.report(name, share, left),
      finished(suite, soFar) {
        progress.clear();
        show(`${renderSuite(suite)}\n`);
        keeper.keep(soFar, "files");
      },
    });
    progress.clear();
    if (results.suites.length === 0 && results.complete) throw new UsageError(nothing(options));
    keeper.keep(results, "all");
    if (keeper.failure !== undefined) throw new UsageError(keeper.failure);
    if (stop.signal.aborted) {
      note("kemistry: stopped early; what was measured until then is kept");
      process.exitCode = interrupted;
    }
  } finally {
    progress.clear();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/** Writes results, again and again: what was measured is not lost with what comes later. */
class Keeper {
  /** Why the files could not be written the last time. */
  failure: string | undefined;
  readonly #json: string | undefined;
  readonly #csv: string | undefined;

  constructor({ json, csv }: Options) {
    this.#json = json;
    this.#csv = csv;
  }

  /** @param where stdout is written once, in the end */
  keep(results: Results, where: "files" | "all"): void {
    const failures = [
      this.#write(this.#json, where, () => toJson(results)),
      this.#write(this.#csv, where, () => toCsv(results)),
    ];
    const failure = failures.find((reason) => reason !== undefined);
    // The run goes on: the tables are still worth having, and the disk may have room later
    if (failure !== undefined && failure !== this.failure && where === "files") {
      note(`kemistry: ${failure}; trying again after the next suite`);
    }
    this.failure = failure;
  }

  /** Why it cannot. */
  #write(path: string | undefined, where: "files" | "all", make: () => string): string | undefined {
    if (path === undefined || (path === "-" && where === "files")) return undefined;
    try {
      writeOutput(path, make());
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }
}

const toJson = (results: Results): string => `${JSON.stringify(results, rounded)}\n`;

/** Six digits are more than any clock gives; counts stay as they are. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

/** An hour later is too late to hear of a wrong folder. @throws UsageError */
function checkPlace(path: string): void {
  if (path === "-") return;
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`cannot write ${path}: it is a folder`);
  }
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch {
    throw new UsageError(`cannot write ${path}: ${dirname(path)} is not a folder to write to`);
  }
}

/** By the names that results have. */
const providersOf = ({ provider }: Options): readonly string[] =>
  provider === "both"
    ? ["native", "noble"]
    : [provider === "oqs" ? "native with liboqs" : provider];

/** What is measured only, by the names that results have. */
async function namesOf({
  group,
  signature,
  cipher,
  mode,
}: Options): Promise<Pick<Selection, "groups" | "signatures" | "cipherSuites" | "modes">> {
  if ([group, signature, cipher, mode].every((given) => given === undefined)) return {};
  const { noble, schemes, suites: ciphers } = await import("../../crypto/index.ts");
  const { chooseGroups, chooseScheme } = await import("../algorithms.ts");
  const { findAlgorithm } = await import("../../oqs/load.ts");
  const names = (of: readonly { readonly name: string }[]): string[] => of.map(({ name }) => name);
  const listed = (what: string, known: readonly string[], given: string): string[] =>
    given.split(",").map((name) => chooseName(what, known, name.trim()));
  const signing = names(schemes.filter(({ inHandshake }) => inHandshake));
  /** A candidate is loaded, so that one that cannot be had is told of before anything is measured. */
  const signs = async (name: string): Promise<string> =>
    signing.includes(name) || findAlgorithm(name)?.kind !== "signature"
      ? chooseName("signature", signing, name)
      : (await chooseScheme(name, noble)).name;
  return {
    ...(group !== undefined && { groups: names(await chooseGroups(group)) }),
    ...(signature !== undefined && {
      signatures: await Promise.all(signature.split(",").map((name) => signs(name.trim()))),
    }),
    ...(cipher !== undefined && { cipherSuites: listed("suite", names(ciphers), cipher) }),
    ...(mode !== undefined && { modes: listed("mode", modes, mode) }),
  };
}

function nothing({ filter, provider, ...chosen }: Options): string {
  const asked = [
    ...(filter === undefined ? [] : [`--filter ${JSON.stringify(filter)}`]),
    ...(["group", "signature", "cipher", "mode"] as const).flatMap((name) =>
      chosen[name] === undefined ? [] : [`--${name} ${chosen[name]}`],
    ),
    `--provider ${provider}`,
  ];
  return `nothing to measure with ${asked.join(" ")}`;
}
