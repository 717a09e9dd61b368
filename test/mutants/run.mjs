#!/usr/bin/env node
// @ts-check
/**
 * Puts named faults into a copy of the source, one at a time, and says which check notices each.
 *
 *     npm run mutants -- --family records          some of them, by their tests
 *     npm run mutants -- --check tests,catalogue    by other checks too
 *     npm run mutants -- --sample 10                those of the day
 *     npm run mutants -- --record --docs            all of them, kept, and written to docs/proof.md
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkNames } from "./check-names.mjs";
import { openObservers, openTests } from "./checks.mjs";
import { mutants, sampleOf } from "./list.mjs";
import { renderProof } from "./proof.mjs";
import { fingerprint, readResults, readScores, tiedScenarios, writeResult } from "./results.mjs";
import { openScratch } from "./scratch.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { values: options } = parseArgs({
  options: {
    family: { type: "string" },
    name: { type: "string" },
    check: { type: "string", default: "tests" },
    sample: { type: "string" },
    day: { type: "string", default: new Date().toISOString().slice(0, 10) },
    /** Of the catalogue, the scenarios that no kept fault fails. */
    untied: { type: "boolean", default: false },
    /** Keeps what came of it in results.json. */
    record: { type: "boolean", default: false },
    /** With --record: passes over what is kept already. */
    missing: { type: "boolean", default: false },
    /** Runs nothing but what the other options ask for, and writes docs/proof.md from what is kept. */
    docs: { type: "boolean", default: false },
  },
});

const checks = options.check.split(",").map((name) => {
  const known = checkNames.find((each) => each === name);
  if (known === undefined) throw new Error(`no check ${name}: ${checkNames.join(", ")}`);
  return known;
});
const pool = options.sample === undefined ? mutants : sampleOf(options.day, Number(options.sample));
const chosen = pool.filter(
  ({ family, name }) =>
    (options.family === undefined || options.family === family) &&
    options.name?.split(",").includes(name) !== false,
);
if (chosen.length === 0) throw new Error("there is no such mutant");

if (!options.docs || options.record) process.exitCode = (await runAll()) ? 0 : 1;
if (options.docs) {
  writeFileSync(join(root, "docs/proof.md"), renderProof(mutants, readResults(), readScores()));
  console.log("docs/proof.md is written");
}

/** @returns whether all is as it must be: a fault is noticed by its tests, unless a reason stands beside it */
async function runAll() {
  const kept = readResults();
  const work = checks.flatMap((check) =>
    chosen
      .filter(
        (mutant) =>
          (check !== "tests" || mutant.tests.length > 0) &&
          (!options.missing || kept[mutant.name]?.[check]?.of !== fingerprint(mutant)),
      )
      .map((mutant) => ({ check, mutant })),
  );
  if (work.length === 0) return true;
  const scratch = openScratch(root);
  const tests = checks.includes("tests") ? await openTests(scratch.folder) : undefined;
  const observers = await openObservers(root, scratch, wantedOf);
  const all = { ...observers, ...(tests && { tests: tests.check }) };
  let isRight = true;
  try {
    if (!(await standWithoutFaults(all))) return false;
    const begin = Date.now();
    for (const [index, { check, mutant }] of work.entries()) {
      const verdict = await scratch.with(mutant, (path) => all[check](mutant, path));
      const problem = problemOf(mutant, check, verdict);
      isRight &&= problem === undefined && verdict.outcome !== "does not load";
      const left = ((Date.now() - begin) / (index + 1)) * (work.length - index - 1);
      console.log(
        `${index + 1}/${work.length} ${check} ${mutant.family}/${mutant.name}: ${verdict.outcome}` +
          `${verdict.by === undefined ? "" : ` by ${verdict.by}`}${problem === undefined ? "" : ` ! ${problem}`} (${Math.ceil(left / 60_000)} min left)`,
      );
      if (options.record) writeResult(mutant, check, verdict);
    }
  } finally {
    await tests?.close();
    scratch.remove();
  }
  console.log(isRight ? "each is noticed, or says why it is not" : "not all are noticed");
  return isRight;
}

/**
 * The scenarios that a fault names, or those that no fault is known to fail, or the catalogue to the first that fails.
 *
 * @param {import("./list.mjs").Mutant} mutant
 */
function wantedOf({ name, scenarios }) {
  if (name === "") return { all: true };
  if (options.untied) return { except: tiedScenarios(readResults()), all: true };
  return scenarios === undefined ? {} : { only: scenarios, all: true };
}

/**
 * What is not as the fault says: a test or a scenario that it names and that does not fail.
 *
 * @param {import("./list.mjs").Mutant} mutant
 * @param {string} check
 * @param {import("./checks.mjs").Verdict} verdict
 */
function problemOf({ lives, scenarios = [] }, check, { outcome, all = [] }) {
  if (check === "tests" && (outcome === "noticed") !== (lives === undefined)) {
    return lives === undefined ? "no test fails" : "it is noticed, though it says why it is not";
  }
  const asPredicted = check === "catalogue" ? scenarios.filter((name) => !all.includes(name)) : [];
  return asPredicted.length === 0 ? undefined : `as predicted: ${asPredicted.join(", ")}`;
}

/**
 * A check that fails without a fault says nothing of those that it fails with.
 *
 * @param {Partial<Record<string, import("./checks.mjs").Check>>} all
 */
async function standWithoutFaults(all) {
  for (const name of checks) {
    const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests))];
    const nothing = {
      name: "",
      family: "",
      file: "",
      find: "",
      replace: "",
      tests,
      observable: /** @type {const} */ ("local"),
    };
    const verdict = await all[name]?.(nothing, undefined);
    if (verdict?.outcome === "lives") continue;
    console.log(`${name} fails without any fault: ${verdict?.by}`);
    return false;
  }
  return true;
}
