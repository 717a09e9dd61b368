import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import type { Command } from "commander";
import { createNoble } from "../../crypto/index.ts";
import { createNative } from "../../crypto/native.ts";
import { ScenarioError } from "../../lab/adversary/edit.ts";
import { catalogue } from "../../lab/adversary/catalogue/index.ts";
import { Secrets } from "../../lab/adversary/keys.ts";
import { startProxy } from "../../lab/adversary/proxy.ts";
import { readScenarios } from "../../lab/adversary/read-scenario.ts";
import { type AttackScenario, endsOf, families } from "../../lab/adversary/scenario.ts";
import { type SearchReport, search } from "../../lab/adversary/search.ts";
import { recordAttack } from "../../lab/adversary/tape.ts";
import { attackWithOpenssl, opensslVersion } from "../attack/openssl.ts";
import { renderPage, renderRows, type Row } from "../attack/render.ts";
import { choose } from "../choose.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { addIdentityOptions, type IdentityOptions, readCredential } from "../identity.ts";
import { examples, readText, wholeNumber } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import { type ProviderName, providerOption } from "../provider.ts";
import { style } from "../style.ts";
import { startTerminating } from "../terminate.ts";
import { parseTarget } from "./connect.ts";

interface Options extends IdentityOptions {
  readonly provider: ProviderName;
  readonly seed: string;
  readonly family?: string;
  readonly list?: true;
  readonly save?: string;
  readonly secrets?: true;
  readonly openssl?: string;
  readonly markdown?: true;
  readonly json?: true;
  readonly listen?: string;
  readonly to?: string;
  readonly keyLog?: string;
  readonly terminate?: true;
  readonly search?: true;
  readonly seconds: number;
  readonly handshakes: number;
}

export function define(command: Command): void {
  command
    .argument("[scenario...]", "names of the catalogue, or files; default: the whole catalogue")
    .option("-f, --family <name>", `only these: ${families.join(", ")}`)
    .option("--list", "say what there is, and run nothing")
    .addOption(providerOption())
    .option("--seed <text>", "all randomness follows from it", "kemistry")
    .option("--save <folder>", "write a tape of every run; without it, of those that went wrong")
    .option("--secrets", "write the secrets on the tapes too")
    .option("--openssl <program>", "run with this OpenSSL as either end too, in columns")
    .option("--markdown", "with --openssl: what it does, as a page")
    .option("--listen <host:port>", "be a proxy for one scenario: where clients come")
    .option("--to <host:port>", "be a proxy for one scenario: where the server is")
    .option("--key-log <file>", "secrets of an end (SSLKEYLOGFILE), for the proxy")
    .option(
      "--terminate",
      "a proxy that ends TLS itself, with --cert and --key, and\nspeaks classical groups only to clients",
    )
    .option("--search", "search with mutated handshakes instead")
    .option("--seconds <number>", "how long to search", wholeNumber(1, 1_000_000), 10)
    .option("--handshakes <number>", "search no further than so many", wholeNumber(1, 1e9), 1e9)
    .option("--json", "plain data")
    .action(act);
  addIdentityOptions(command);
  examples(command, [
    ["attack", "the whole catalogue, a row each"],
    ["attack strip-hybrid retry-twice --json", "two of them, as data"],
    ["attack mine.json", "a scenario of your own"],
    ["attack reads-once --listen localhost:4434 --to localhost:4433", "between two programs"],
    ["attack --search --seconds 60 --seed 1", "mutated handshakes"],
  ]);
}

const makers = { noble: createNoble, native: createNative };

async function act(names: readonly string[], options: Options): Promise<void> {
  try {
    if (options.search) return tellSearch(runSearch(options), options);
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

function chooseScenarios(names: readonly string[], { family }: Options): AttackScenario[] {
  const wanted =
    family &&
    choose(
      "family",
      families.map((name) => ({ name })),
      family,
    ).name;
  const chosen = names.length === 0 ? [...catalogue] : names.flatMap(scenariosOf);
  return chosen.filter((scenario) => wanted === undefined || scenario.family === wanted);
}

function scenariosOf(name: string): AttackScenario[] {
  if (!existsSync(name) && !name.endsWith(".json")) {
    const exact = catalogue.find((scenario) => scenario.name === name);
    if (exact !== undefined) return [exact];
    try {
      return [choose("scenario", catalogue, name)];
    } catch (error) {
      const hint = "kemistry attack --list names them all";
      throw error instanceof UsageError
        ? new UsageError(error.message.replace("kemistry scenarios lists what there is", hint))
        : error;
    }
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
  if (options.markdown && program === undefined) {
    throw new UsageError("--markdown goes with --openssl");
  }
  const version = program === undefined ? "" : opensslVersion(program);
  const ours = scenarios.map((scenario) => {
    const { row, tape } = recordAttack(scenario, {
      makeProvider: makers[provider],
      provider,
      seed,
      ...(secrets ? { secrets: "recorded" as const } : {}),
    });
    if (options.save !== undefined || !row.asPredicted) save(row.name, tape, options);
    return row;
  });
  const theirs = program === undefined ? [] : await attackWithOpenssl(program, scenarios);
  const rows = ours.map((row, index): Row => ({ ...row, openssl: theirs[index] ?? null }));
  if (options.json) printJson(rows);
  else print(options.markdown ? renderPage(rows, version) : renderRows(rows));
  const problems = rows.flatMap(problemsOf);
  for (const problem of problems) note(`kemistry: ${problem}`);
  if (problems.length > 0) process.exitCode = ExitCode.failed;
}

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

function save(name: string, tape: string, { save: folder = "." }: Options): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.tape`), tape);
}

async function proxy(scenarios: readonly AttackScenario[], options: Options): Promise<void> {
  if (options.listen === undefined || options.to === undefined) {
    throw new UsageError("--listen and --to go together: give both");
  }
  if (options.terminate) return await terminate(options.listen, options.to, options);
  const [scenario, ...others] = scenarios;
  if (scenario === undefined || others.length > 0) {
    throw new UsageError("a proxy does one scenario: name it");
  }
  const secrets = options.keyLog === undefined ? undefined : new Secrets();
  const keyLog = options.keyLog;
  if (secrets !== undefined && keyLog !== undefined) followKeyLog(secrets, keyLog);
  let count = 0;
  const server = startProxy({
    scenario,
    listen: parseTarget(options.listen),
    to: parseTarget(options.to),
    ...(secrets === undefined ? {} : { secrets }),
    tell: note,
    tape: (tape) => {
      if (options.save !== undefined) save(`${scenario.name}-${++count}`, tape, options);
    },
  });
  await serving(server, options.to, scenario.does || scenario.name);
}

async function terminate(listen: string, to: string, options: Options): Promise<void> {
  const provider = makers[options.provider]();
  const credential = readCredential(options, provider);
  if (credential === undefined) throw new UsageError("--terminate takes --cert and --key");
  const server = startTerminating({
    credential,
    provider,
    listen: parseTarget(listen),
    to: parseTarget(to),
    tell: note,
  });
  await serving(server, to, "Ends the connection in itself, without the hybrid");
}

async function serving(server: Server, to: string, does: string): Promise<void> {
  await once(server, "listening");
  const { address, port } = server.address() as AddressInfo;
  note(`listening on ${address}:${port}, leading to ${to}: ${does}`);
  process.once("SIGINT", () => server.close());
  await once(server, "close");
}

/** The log grows while the ends speak: it is read again whenever a secret is looked for. */
function followKeyLog(secrets: Secrets, path: string): void {
  secrets.refresh = () => {
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, "utf8").split("\n")) {
      if (!line.startsWith("#")) secrets.add("client", line);
    }
  };
}

const runSearch = ({ seconds, handshakes, seed, provider }: Options): SearchReport =>
  search({ seconds, limit: handshakes, seed, makeProvider: makers[provider] });

function tellSearch(report: SearchReport, options: Options): void {
  for (const [index, { scenario }] of report.problems.entries()) {
    const folder = options.save ?? ".";
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, `search-${index + 1}.json`),
      `${JSON.stringify(scenario, undefined, 2)}\n`,
    );
  }
  if (options.json) printJson(report);
  else {
    const { handshakes, seconds, cpuSeconds, outcomes, problems, heap } = report;
    const rate = Math.round((handshakes / cpuSeconds) * 60);
    print(
      `${handshakes} mutated handshakes in ${seconds.toFixed(1)} s, ${rate} a minute of processor time`,
    );
    print(
      `${outcomes} different outcomes; ${mebibytes(heap.start)} of heap at the start, ${mebibytes(heap.end)} at the end`,
    );
    print(`${problems.length} problems`);
    for (const { what, steps } of problems) print(`  ${what}: ${steps}`);
  }
  if (report.heap.grew) note("kemistry: the heap grew");
  if (report.problems.length > 0 || report.heap.grew) process.exitCode = ExitCode.failed;
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
