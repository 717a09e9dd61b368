#!/usr/bin/env node
/**
 * Holds this stack against BoringSSL's test runner, and writes docs/conformance.md from the result.
 *
 *     node test/conformance/run.mjs --runner PATH [--source DIR] [--test GLOB] [--workers N] [--docs]
 *
 * The runner is the test binary of `ssl/test/runner` in BoringSSL's source, which DIR is.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    runner: { type: "string" },
    source: { type: "string" },
    test: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) },
    docs: { type: "boolean", default: false },
  },
});
if (values.runner === undefined) {
  console.error("say where BoringSSL's test runner is: --runner PATH");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "kemistry-conformance-"));
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
    banner: { js: `#!${process.execPath}` },
  });
  chmodSync(shim, 0o755);
  const output = join(folder, "results.json");
  const config = join(here, "config.json");
  const run = spawnSync(
    resolve(values.runner),
    [
      "-shim-path",
      shim,
      "-shim-config",
      config,
      "-allow-unimplemented",
      "-num-workers",
      values.workers,
      "-json-output",
      output,
      ...(values.test === undefined ? [] : ["-test", values.test]),
    ],
    // The runner finds its certificates beside its source
    { cwd: values.source ?? dirname(resolve(values.runner)), stdio: "inherit", maxBuffer: 1 << 30 },
  );
  const { tests } = JSON.parse(readFileSync(output, "utf8"));
  const summary = summarize(tests);
  console.log(`\n${summary.passed.length} passed, ${summary.failed.length} failed`);
  if (values.docs) {
    const { writeTable } = await import("./table.mjs");
    writeTable(summary, JSON.parse(readFileSync(config, "utf8")), values.source);
  }
  process.exitCode = summary.failed.length === 0 && run.status === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {Record<string, {actual: string}>} tests */
function summarize(tests) {
  const names = (wanted) =>
    Object.keys(tests)
      .filter((name) => wanted(tests[name].actual))
      .toSorted();
  return {
    passed: names((actual) => actual === "PASS"),
    unimplemented: names((actual) => actual === "SKIP"),
    failed: names((actual) => actual !== "PASS" && actual !== "SKIP"),
  };
}
