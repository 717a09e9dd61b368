#!/usr/bin/env node
// @ts-check
/**
 * Makes generated pages of the documentation again:
 *
 *     npm run pages                                 all that follow from this checkout alone
 *     npm run pages -- timing                       one of them, whatever it needs
 *     npm run pages -- conformance --runner PATH    what stands behind the name is given to its command
 *     npm run pages -- --list                       which there are, and what they need
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(import.meta.dirname, "..");

/**
 * @typedef {object} Page
 * @property {string} name the file in docs/, without `.md`; `api` is a folder
 * @property {string} command run by a shell in the root of the repository
 * @property {string} [needs] what it needs beside this checkout: such a page is made only where it is named
 */

/** @type {readonly Page[]} */
export const pages = [
  { name: "api", command: "npm run --silent api" },
  { name: "proof", command: "npm run --silent mutants -- --docs" },
  { name: "performance", command: "npm run --silent performance" },
  {
    name: "pkits",
    command:
      "KEMISTRY_WRITE_DOCS=1 npx vitest run --config=test/vitest.config.ts test/identity/path/pkits.test.ts",
  },
  {
    name: "validation",
    command: "npm run --silent kemistry -- lab validate --md docs/validation.md",
  },
  {
    name: "algorithms",
    command: "npm run --silent kemistry -- algorithms --provider oqs --md docs/algorithms.md",
    needs: "a quiet machine for some minutes: it measures",
  },
  {
    name: "timing",
    command: "npm run --silent kemistry -- timing --markdown > docs/timing.md",
    needs: "a quiet machine: it measures",
  },
  {
    name: "openssl",
    command: "npm run --silent kemistry -- attack --openssl openssl --markdown > docs/openssl.md",
    needs: "OpenSSL 3.5 or newer as `openssl` on the PATH",
  },
  {
    name: "interop",
    command: "npm run --silent interop",
    needs: "the peers that `npm run peers` gets, and ten minutes",
  },
  {
    name: "conformance",
    command: "node test/conformance/run.mjs --docs",
    needs: "BoringSSL's runner: --runner PATH --source DIR",
  },
  {
    name: "tlsfuzzer",
    command: "node test/conformance/tlsfuzzer/run.mjs --docs",
    needs: "tlsfuzzer's scripts: --source DIR --python PATH",
  },
];

if (process.argv[1] === fileURLToPath(import.meta.url)) run(process.argv.slice(2));

/** @param {readonly string[]} args */
function run([name, ...rest]) {
  if (name === "--list") {
    for (const page of pages) {
      console.log(
        `${page.name.padEnd(12)} ${page.command}${page.needs ? `\n${" ".repeat(13)}needs ${page.needs}` : ""}`,
      );
    }
    return;
  }
  const chosen = pages.filter((page) => (name === undefined ? !page.needs : page.name === name));
  if (chosen.length === 0) {
    console.error(`there is no page "${name}": ${pages.map((page) => page.name).join(", ")}`);
    process.exitCode = 2;
  }
  for (const { name: made, command } of chosen) {
    console.log(`docs/${made}: ${[command, ...rest].join(" ")}`);
    const { status } = spawnSync([command, ...rest].join(" "), {
      cwd: root,
      shell: true,
      stdio: "inherit",
    });
    if (status !== 0) process.exitCode = 1;
  }
}
