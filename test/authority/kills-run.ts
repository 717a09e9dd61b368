/** Kills a thousand writers, or as many as are asked for: npm run kills -- 1000 seed */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArguments } from "../support/arguments.mjs";
import { killWriters } from "./kills.ts";

const { positionals, number } = readArguments("npm run kills -- [ROUNDS [SEED]]", {
  allowPositionals: true,
});
const [count, seed = "thousand"] = positionals;
const rounds = number(count, 1000);
const folder = mkdtempSync(join(tmpdir(), "kemistry-kills-"));
const program = new URL("kills.js", import.meta.url).pathname;
const outcome = await killWriters(join(folder, "pki"), { program, rounds, seed });
console.log(JSON.stringify(outcome, undefined, 2));
if (outcome.problems.length === 0) rmSync(folder, { recursive: true });
else {
  console.log(`what they left is in ${folder}`);
  process.exitCode = 1;
}
