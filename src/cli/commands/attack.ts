import { existsSync } from "node:fs";
import type { Command } from "commander";
import {
  type AttackRow,
  type AttackScenario,
  catalogue,
  endsOf,
  families,
  readScenarios,
  recordAttack,
  ScenarioError,
} from "../../lab/adversary/index.ts";
import {
  explainedPage,
  explainLast,
  type SecretOf,
  watchMaker,
} from "../../lab/explained/index.ts";
import type { Trace } from "../../lab/trace/index.ts";
import { attackWithOpenssl } from "../attack/openssl.ts";
import { opensslVersionOf } from "../openssl.ts";
import { makers, type Options, save } from "../attack/options.ts";
import { proxy } from "../attack/proxy.ts";
import { renderPage, renderRows, type Row } from "../attack/render.ts";
import { runDifferential, runSearch } from "../attack/search.ts";
import { pcapOption, TraceCapture } from "../capture.ts";
import { choose, chooseName } from "../choose.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { addIdentityOptions } from "../identity.ts";
import { examples, readText, wholeNumber } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import { Progress } from "../progress.ts";
import { providerOption } from "../provider.ts";
import { style } from "../style.ts";
import { writeOutput } from "../write.ts";

export function define(command: Command): void {
  command
    .argument("[scenario...]", "names of the catalogue, or files; default: the whole catalogue")
    .option("-f, --family <name>", `only these: ${families.join(", ")}`)
    .option("--list", "say what there is, and run nothing")
    .addOption(providerOption())
    .option(
      "--seed <text>",
      "all randomness follows from it; of a search, the mutations",
      "kemistry",
    )
    .option("--save <folder>", "write a tape of every run; without it, of those that went wrong")
    .option("--secrets", "write the secrets on the tapes too")
    .option(...pcapOption)
    .option("--html <file>", "one scenario as a page: what was sent, what arrived, who refused")
    .option("--openssl <program>", "run with this OpenSSL as either end too, in columns")
    .option("--markdown", "with --openssl: what it does, as a page")
    .option("--listen <host:port>", "be a proxy for one scenario: where clients come")
    .option("--to <host:port>", "be a proxy for one scenario: where the server is")
    .option("--key-log <file>", "secrets of an end (SSLKEYLOGFILE), for the proxy")
    .option(
      "--terminate",
      "a proxy that ends TLS itself, with --cert and --key, and speaks classical groups only to clients",
    )
    .option("--search", "search with mutated handshakes instead")
    .option(
      "--malicious",
      "with --search: one end is malicious, and what it says wrongly it hashes and signs too",
    )
    .option(
      "--differential",
      "with --search: the same malicious end with an end of ours and with the OpenSSL of this Node.js",
    )
    .option(
      "--imitate",
      "with --search: cryptography of no strength, so that more is tried, and the same everywhere",
    )
    .option("--seconds <number>", "how long to search", wholeNumber(1, 1_000_000), 10)
    .option("--handshakes <number>", "search no further than so many", wholeNumber(1, 1e9))
    .option("--json", "plain data")
    .action(act);
  addIdentityOptions(command);
  examples(command, [
    ["attack", "the whole catalogue, a row each"],
    ["attack strip-hybrid retry-twice --json", "two of them, as data"],
    ["attack strip-hybrid --pcap strip.pcapng", "as the client saw it, and as the server did"],
    ["attack strip-hybrid --html strip.html", "what was sent, and what arrived"],
    ["attack mine.json", "a scenario of your own"],
    ["attack reads-once --listen localhost:4434 --to localhost:4433", "between two programs"],
    ["attack --search --seconds 60 --seed 1", "mutated handshakes"],
    ["attack --search --malicious --seconds 60", "checks that an end leaves out"],
    ["attack --search --imitate --handshakes 10000 --seconds 600", "more in the time"],
    ["attack --search --differential --seconds 60", "in what OpenSSL differs"],
  ]);
}

async function act(names: readonly string[], options: Options): Promise<void> {
  checkTogether(names, options);
  try {
    if (options.differential) return await runDifferential(options);
    if (options.search) return runSearch(options);
    const scenarios = chooseScenarios(names, options);
    if (options.list) return list(scenarios, options);
    if (options.listen !== undefined || options.to !== undefined) {
      return await proxy(scenarios, options);
    }
    await run(scenarios, options);
  } catch (error) {
    if (error instanceof ScenarioError) throw new UsageError(error.message);
    throw error;
  }
}

/** What is given and would not be heard is a mistake. */
function checkTogether(names: readonly string[], options: Options): void {
  const {
    search: isSearch,
    malicious,
    differential,
    imitate,
    listen,
    to,
    keyLog,
    openssl,
    markdown,
    json,
  } = options;
  const isProxy = listen !== undefined || to !== undefined;
  if (malicious && !isSearch) throw new UsageError("--malicious goes with --search");
  if (differential && !isSearch) throw new UsageError("--differential goes with --search");
  if (imitate && !isSearch) throw new UsageError("--imitate goes with --search");
  if (imitate && differential)
    throw new UsageError("OpenSSL imitates nothing: leave out --imitate");
  if (differential && malicious) {
    throw new UsageError("--differential has a malicious end of itself: leave out --malicious");
  }
  if (isSearch && names.length > 0) throw new UsageError("a search takes no scenarios");
  const alone = { "--search": isSearch, "--listen": isProxy, "--openssl": openssl };
  const [one, other] = Object.entries(alone).flatMap(([name, value]) => (value ? [name] : []));
  if (other !== undefined) throw new UsageError(`${one} and ${other} do not go together`);
  if (options.pcap !== undefined && isSearch) {
    throw new UsageError(
      "a search keeps none of its handshakes: give --pcap with a scenario that it has saved",
    );
  }
  if (options.pcap !== undefined && options.list) {
    throw new UsageError("--list runs nothing that --pcap could hold");
  }
  if (options.html !== undefined && (isProxy || isSearch || openssl || options.list)) {
    throw new UsageError("--html goes with a scenario between two ends in memory");
  }
  if (!isProxy && options.terminate)
    throw new UsageError("--terminate goes with --listen and --to");
  if (!isProxy && keyLog !== undefined) {
    throw new UsageError("--key-log goes with --listen and --to");
  }
  if (markdown && openssl === undefined) throw new UsageError("--markdown goes with --openssl");
  if (markdown && json) throw new UsageError("--markdown and --json do not go together");
}

function chooseScenarios(names: readonly string[], { family }: Options): AttackScenario[] {
  const wanted = family === undefined ? undefined : chooseName("family", families, family);
  const chosen = names.length === 0 ? [...catalogue] : names.flatMap(scenariosOf);
  return chosen.filter((scenario) => wanted === undefined || scenario.family === wanted);
}

function scenariosOf(name: string): AttackScenario[] {
  if (!existsSync(name) && !name.endsWith(".json")) {
    return [choose("scenario", catalogue, name)];
  }
  try {
    return readScenarios(readText(name));
  } catch (error) {
    if (error instanceof ScenarioError) throw new UsageError(`${name}: ${error.message}`);
    throw error;
  }
}

function list(scenarios: readonly AttackScenario[], { json }: Options): void {
  if (json)
    return printJson(
      scenarios.map(({ name, family, does, section }) => ({ name, family, does, section })),
    );
  for (const { name, does } of scenarios) print(`${style("bold", name)}\n    ${does}`);
}

async function run(scenarios: readonly AttackScenario[], options: Options): Promise<void> {
  const { openssl: program, provider, seed, secrets } = options;
  const version = program === undefined ? "" : opensslVersionOf(program).split(" ", 2).join(" ");
  const { html } = options;
  if (html === "-" && options.json) {
    throw new UsageError("--html - and --json both want stdout");
  }
  if (html !== undefined && scenarios.length !== 1) {
    throw new UsageError("--html takes one scenario: a page explains one connection");
  }
  const capture = options.pcap === undefined ? undefined : new TraceCapture(options.pcap);
  const progress = new Progress(scenarios.length);
  const ours = scenarios.map((scenario) => {
    progress.begin(scenario.name);
    const { makeProvider, secretOf } = watchMaker(makers[provider]);
    const {
      row,
      tape,
      traces: connections,
    } = recordAttack(scenario, {
      makeProvider,
      provider,
      seed,
      ...(secrets ? { secrets: "recorded" as const } : {}),
    });
    for (const trace of connections) capture?.add(trace, "counted");
    if (html !== undefined) writeOutput(html, attackPage(row, connections, secretOf));
    if (options.save !== undefined || !row.asPredicted) save(`${row.name}.tape`, tape, options);
    return row;
  });
  progress.clear();
  const theirs =
    program === undefined
      ? []
      : await attackWithOpenssl(program, scenarios, (trace) => capture?.add(trace));
  capture?.close();
  const rows = ours.map((row, index): Row => ({ ...row, openssl: theirs[index] ?? null }));
  if (options.json) printJson(rows);
  else if (html !== "-") print(options.markdown ? renderPage(rows, version) : renderRows(rows));
  const problems = rows.flatMap(problemsOf);
  for (const problem of problems) note(`kemistry: ${problem}`);
  if (problems.length > 0) process.exitCode = ExitCode.failed;
}

/** Of the attacked connection, or of its last replay. */
const attackPage = (
  { client, server }: AttackRow,
  connections: readonly Trace[],
  secretOf: SecretOf,
): string => explainedPage(explainLast(connections, { ends: { client, server }, secretOf }));

/** What was not as predicted, in lines. */
function problemsOf({ name, asPredicted, problems, openssl }: Row): string[] {
  const ours = asPredicted ? [] : [`${name}: ${problems.join("; ")}`];
  const theirs = endsOf.flatMap((role) => {
    const cell = openssl?.[role];
    return cell === undefined || "notRun" in cell || cell.ended !== "unexpectedly"
      ? []
      : [`${name}, OpenSSL as ${role}: ${cell.openssl} (${cell.ours}): ${cell.why}`];
  });
  return [...ours, ...theirs];
}
