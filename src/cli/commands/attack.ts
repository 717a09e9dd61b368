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
import { type AttackRow, type AttackScenario, families } from "../../lab/adversary/scenario.ts";
import { type SearchReport, search } from "../../lab/adversary/search.ts";
import { recordAttack } from "../../lab/adversary/tape.ts";
import { choose } from "../choose.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { addIdentityOptions, type IdentityOptions, readCredential } from "../identity.ts";
import { examples, readText, wholeNumber } from "../options.ts";
import { note, print, printJson, table } from "../output.ts";
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
    .option("--openssl <program>", "run against this OpenSSL as the server too, in a column")
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

interface Row extends AttackRow {
  /** What OpenSSL did as the server, and what our client saw of it; `null` where it was not run. */
  readonly openssl: { readonly client: string; readonly server: string } | null;
}

async function run(scenarios: readonly AttackScenario[], options: Options): Promise<void> {
  const openssl =
    options.openssl === undefined
      ? undefined
      : (await import("../../lab/adversary/openssl.ts")).startOpenssl(options.openssl);
  const rows: Row[] = [];
  try {
    for (const scenario of scenarios) {
      const { row, tape } = recordAttack(scenario, {
        makeProvider: makers[options.provider],
        provider: options.provider,
        seed: options.seed,
        ...(options.secrets ? { secrets: "recorded" as const } : {}),
      });
      if (options.save !== undefined || !row.asPredicted) save(row.name, tape, options);
      rows.push({ ...row, openssl: (await openssl?.attack(scenario)) ?? null });
    }
  } finally {
    openssl?.stop();
  }
  if (options.json) printJson(rows);
  else print(render(rows));
  const wrong = rows.filter(({ asPredicted }) => !asPredicted);
  for (const { name, problems } of wrong) note(`kemistry: ${name}: ${problems.join("; ")}`);
  if (wrong.length > 0) process.exitCode = ExitCode.failed;
}

function save(name: string, tape: string, { save: folder = "." }: Options): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.tape`), tape);
}

function render(rows: readonly Row[]): string {
  const withOpenssl = rows.some(({ openssl }) => openssl !== null);
  const cells = rows.map(({ name, client, server, asPredicted, openssl }) => {
    const alert = [client, server].find((end) => end.alert !== null)?.alert ?? "";
    const kinds = [...client.findings, ...server.findings].map(({ kind }) => kind);
    return [
      asPredicted ? style("green", "✓") : style("red", "✗"),
      name,
      client.outcome,
      server.outcome,
      alert,
      [...new Set(kinds)].join(", "),
      ...(withOpenssl ? [openssl === null ? "" : `${openssl.server} (${openssl.client})`] : []),
    ];
  });
  const titles = ["", "scenario", "client", "server", "alert", "findings"];
  if (withOpenssl) titles.push("OpenSSL (our client)");
  const right = rows.filter(({ asPredicted }) => asPredicted).length;
  return [
    table(
      titles.map((title) => ({ title })),
      cells,
    ),
    "",
    `${right} of ${rows.length} as predicted`,
  ].join("\n");
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
