#!/usr/bin/env node
/**
 * Holds this stack against BoringSSL's test runner, and writes docs/conformance.md from the result.
 *
 *     node test/conformance/run.mjs --runner PATH --source DIR [--test GLOB] [--workers N] [--node PATH] [--docs]
 *
 * PATH is the test binary of `ssl/test/runner` in BoringSSL's source, DIR that folder: the runner finds
 * its certificates there. --node says which Node the shim runs on.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { conformancePage } from "./page.mjs";
import { readArguments } from "../support/arguments.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values, refuse } = readArguments("node test/conformance/run.mjs", {
  options: {
    runner: { type: "string" },
    source: { type: "string" },
    test: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) },
    node: { type: "string", default: process.execPath },
    docs: { type: "boolean", default: false },
  },
});
if (values.runner === undefined || values.source === undefined) {
  refuse("say where BoringSSL's test runner and its source are: --runner PATH --source DIR");
}

const folder = mkdtempSync(join(tmpdir(), "kemistry-conformance-"));
const config = join(here, "config.json");
try {
  const shim = join(folder, "shim.mjs");
  await build({
    entryPoints: [join(here, "shim/main.ts")],
    outfile: shim,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: { js: `#!${resolve(values.node)}` },
  });
  chmodSync(shim, 0o755);
  const unimplemented = join(folder, "unimplemented.log");
  writeFileSync(unimplemented, "");
  const { tests, status } = run(shim, unimplemented, "inherit");
  const passed = namesOf(tests, "PASS");
  const failed = Object.keys(tests).filter(
    (name) => !["PASS", "SKIP"].includes(tests[name].actual),
  );
  console.log(`\n${passed.length} passed, ${failed.length} failed`);
  if (values.docs) {
    const page = conformancePage({
      passed,
      failed,
      names: allNames(),
      disabled: JSON.parse(readFileSync(config, "utf8")).DisabledTests,
      reasons: JSON.parse(readFileSync(join(here, "not-run.json"), "utf8")),
      unimplemented: readFileSync(unimplemented, "utf8").trim().split("\n"),
      revision: revision(),
      node: output(values.node, [
        "-p",
        "`${process.versions.node} with OpenSSL ${process.versions.openssl}`",
      ]),
    });
    writeFileSync(join(here, "../../docs/conformance.md"), page);
  }
  process.exitCode = failed.length === 0 && status === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Runs all tests, or those of --test, with a shim. */
function run(shim, unimplemented, stdio, ...more) {
  const results = join(folder, "results.json");
  const { status } = spawnSync(
    resolve(values.runner),
    [
      ["-shim-path", shim],
      ["-shim-config", config],
      ["-num-workers", values.workers],
      ["-json-output", results],
      values.test === undefined ? [] : ["-test", values.test],
      ["-allow-unimplemented", ...more],
    ].flat(),
    { cwd: values.source, stdio, env: { ...process.env, KEMISTRY_UNIMPLEMENTED: unimplemented } },
  );
  return { tests: JSON.parse(readFileSync(results, "utf8")).tests, status };
}

/** Every test there is, by a shim that implements nothing. */
function allNames() {
  const shim = join(folder, "nothing.sh");
  const script = [
    "#!/bin/sh",
    'case "$*" in *-is-handshaker-supported*) echo No; exit 0;; esac',
    "exit 89",
  ];
  writeFileSync(shim, script.join("\n"), { mode: 0o755 });
  return Object.keys(run(shim, "", "ignore", "-include-disabled").tests);
}

function namesOf(tests, actual) {
  return Object.keys(tests).filter((name) => tests[name].actual === actual);
}

function revision() {
  return output("git", ["-C", values.source, "log", "-1", "--format=%H of %cs"]);
}

function output(command, args) {
  return spawnSync(command, args, { encoding: "utf8" }).stdout.trim();
}
