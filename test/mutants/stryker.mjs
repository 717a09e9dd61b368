#!/usr/bin/env node
// @ts-check
/**
 * A general mutator over files of src/: Stryker, which is installed into `.peers/` when it is first asked for,
 * since it brings more packages than all the rest of the project. It works on a copy of the sources.
 *
 *     node test/mutants/stryker.mjs src/policy/judge.ts
 *     node test/mutants/stryker.mjs --tests schedule,handshake/peer-flight --record src/schedule/proof.ts
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeScore } from "./results.mjs";
import { openScratch } from "./scratch.mjs";
import { readArguments } from "../support/arguments.mjs";

const version = "9.6.1";
const root = fileURLToPath(new URL("../../", import.meta.url));

const {
  values: options,
  positionals: files,
  refuse,
} = readArguments("node test/mutants/stryker.mjs FILE…", {
  allowPositionals: true,
  options: {
    /** Folders or files of test/. Default: those of the file's own folder. */
    tests: { type: "string" },
    /** Keeps the score for docs/proof.md. */
    record: { type: "boolean", default: false },
  },
});
if (files.length === 0) refuse("which files of src/");

const program = install();
const scratch = openScratch(root);
process.on("SIGINT", () => process.exit(1));
try {
  for (const file of files) mutateAll(file);
} finally {
  scratch.remove();
}

/** @returns the path of the program */
function install() {
  const folder = join(root, ".peers/stryker");
  const path = join(folder, "node_modules/@stryker-mutator/core/bin/stryker.js");
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const packages = ["core", "vitest-runner"].map((name) => `@stryker-mutator/${name}@${version}`);
  const { status } = spawnSync(
    "npm",
    ["install", "--no-audit", "--no-fund", "--legacy-peer-deps", "--prefix", folder, ...packages],
    { stdio: "inherit" },
  );
  if (status !== 0) throw new Error("Stryker could not be installed");
  return path;
}

/** @param {string} file */
function mutateAll(file) {
  const places = options.tests?.split(",") ?? [file.split("/")[1]];
  const include = places.flatMap((place) => [
    `test/${place}.test.ts`,
    `test/${place}/**/*.test.ts`,
  ]);
  const report = join(scratch.output, "mutation.json");
  write("stryker-vitest.config.mjs", `export default ${JSON.stringify({ test: { include } })};\n`);
  write(
    "stryker.config.json",
    JSON.stringify({
      testRunner: "vitest",
      plugins: [
        join(root, ".peers/stryker/node_modules/@stryker-mutator/vitest-runner/dist/src/index.js"),
      ],
      vitest: { configFile: "stryker-vitest.config.mjs", related: false },
      coverageAnalysis: "perTest",
      mutate: [file],
      // What a message says, and how a literal is laid out, is not what the tests are for
      mutator: { excludedMutations: ["StringLiteral", "ObjectLiteral"] },
      // TypeScript's own check of the project is another command's
      tsconfigFile: "none.json",
      inPlace: true,
      concurrency: 1,
      allowEmpty: true,
      timeoutMS: 30_000,
      reporters: ["json"],
      jsonReporter: { fileName: report },
    }),
  );
  const run = spawnSync(process.execPath, [program, "run", "stryker.config.json"], {
    cwd: scratch.folder,
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`${file}:\n${run.stdout}\n${run.stderr}`);
  const { mutants, source } = Object.values(JSON.parse(readFileSync(report, "utf8")).files)[0];
  print(file, source.split("\n"), mutants);
}

/** @param {string} name @param {string} content */
function write(name, content) {
  writeFileSync(join(scratch.folder, name), content);
}

/** @param {string} file @param {readonly string[]} lines @param {readonly any[]} mutants */
function print(file, lines, mutants) {
  const counted = mutants.filter(
    ({ status }) => !["CompileError", "RuntimeError", "Ignored"].includes(status),
  );
  const alive = counted.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  const noticed = counted.length - alive.length;
  console.log(`${file}: ${noticed} of ${counted.length} noticed`);
  for (const { location, replacement, mutatorName, status } of alive) {
    const { line, column } = location.start;
    console.log(
      `  ${line}:${column} ${mutatorName}${status === "NoCoverage" ? ", no test comes here" : ""}`,
    );
    console.log(`  - ${lines[line - 1]?.trim()}`);
    console.log(`  + ${String(replacement).split("\n")[0]?.trim()}`);
  }
  if (options.record) writeScore(file, counted.length, noticed);
}
