#!/usr/bin/env node
/**
 * Holds our Node server against the TLS 1.3 scripts of tlsfuzzer, and writes docs/tlsfuzzer.md from the
 * result.
 *
 *     node test/conformance/tlsfuzzer/run.mjs --source DIR --python PATH [--script NAME] [--revision TEXT] [--docs]
 *
 * DIR is tlsfuzzer's source, PATH a Python that has tlslite-ng and kyber-py. Nothing is fetched.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { tlsfuzzerPage } from "./page.mjs";
import { readArguments } from "../../support/arguments.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values, refuse } = readArguments("node test/conformance/tlsfuzzer/run.mjs", {
  options: {
    source: { type: "string" },
    python: { type: "string" },
    script: { type: "string" },
    revision: { type: "string" },
    docs: { type: "boolean", default: false },
  },
});
if (values.source === undefined || values.python === undefined) {
  refuse("say where tlsfuzzer's source and a Python for it are: --source DIR --python PATH");
}

/** Milliseconds that a script may take. */
const patience = 300_000;
const config = JSON.parse(readFileSync(join(here, "config.json"), "utf8"));
const differences = Object.entries(config.differences).map(([pattern, reason]) => ({
  pattern: new RegExp(pattern),
  reason,
}));

const folder = mkdtempSync(join(tmpdir(), "kemistry-tlsfuzzer-"));
try {
  const ports = await startServers();
  const results = [];
  for (const run of config.runs) {
    if (values.script !== undefined && values.script !== run.script) continue;
    const result = judge(run, await runScript(run, ports.get(run.server ?? "page")));
    results.push(result);
    const { script, passed, differing, failed } = result;
    console.log(`${script}: ${passed} passed, ${differing.length} differ, ${failed.length} failed`);
    for (const name of failed) console.log(`    ${name}`);
  }
  if (values.docs) {
    const revision = values.revision ?? revisionOf(values.source);
    const { node, openssl } = process.versions;
    const page = tlsfuzzerPage({ results, leftOut: config.leftOut, revision, node, openssl });
    writeFileSync(join(here, "../../../docs/tlsfuzzer.md"), page);
  }
  process.exitCode = results.some(({ failed }) => failed.length > 0) ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

async function startServers() {
  const outfile = join(folder, "servers.mjs");
  const entryPoints = [join(here, "servers.ts")];
  const external = ["pkcs11js"];
  await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", external });
  const { start } = await import(pathToFileURL(outfile));
  return start(folder);
}

/** What a script says, to its end. */
async function runScript({ script, client, signatures, arguments: more = [] }, port) {
  const keys = client === undefined ? [] : clientFiles(client);
  const schemes = signatures ? ["-s", config.signatures] : [];
  const place = ["-h", "localhost", "-p", String(port)];
  const child = spawn(
    values.python,
    ["-m", `tlsfuzzer._apps.test_tls13_${script}`, ...place, ...keys, ...schemes, ...more],
    { cwd: resolve(values.source), stdio: ["ignore", "pipe", "pipe"], timeout: patience },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => (said += text));
  }
  await new Promise((done) => child.once("close", done));
  return said;
}

function clientFiles(name) {
  const file = join(folder, name);
  return ["-k", `${file}.key`, "-c", `${file}.pem`];
}

/** Sorts the probes that failed: by a reason of ours, or truly. */
function judge({ script }, said) {
  const [, passed] = /^PASS: (\d+)$/m.exec(said) ?? [];
  if (passed === undefined) {
    const lastLine = said.trim().split("\n").at(-1) ?? "";
    return { script, passed: 0, differing: [], failed: [`the script ended early: ${lastLine}`] };
  }
  const [, list = ""] = /^FAILED:\n((?:\t.*\n?)*)/m.exec(said) ?? [];
  const differing = [];
  const failed = [];
  for (const line of list.split("\n").filter((text) => text !== "")) {
    const name = line.trim().slice(1, -1);
    const found = differences.find(({ pattern }) => pattern.test(name));
    if (found === undefined) failed.push(name);
    else differing.push({ name, reason: found.reason });
  }
  return { script, passed: Number(passed), differing, failed };
}

function revisionOf(source) {
  const args = ["-C", source, "log", "-1", "--format=%H of %cs"];
  return spawnSync("git", args, { encoding: "utf8" }).stdout.trim() || "unknown";
}
