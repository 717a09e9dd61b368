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
import { checkNames } from "./check-names.mjs";
import { openObservers, openTests, scenarioNames } from "./checks.mjs";
import { mutants, sampleOf } from "./list.mjs";
import { renderProof } from "./proof.mjs";
import { fingerprint, readResults, readScores, writeResult } from "./results.mjs";
import { openScratch } from "./scratch.mjs";
import { readArguments } from "../support/arguments.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const {
  values: options,
  number,
  refuse,
} = readArguments("npm run mutants --", {
  options: {
    family: { type: "string" },
    name: { type: "string" },
    check: { type: "string", default: "tests" },
    sample: { type: "string" },
    day: { type: "string", default: new Date().toISOString().slice(0, 10) },
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
  return known ?? refuse(`no check ${name}, but ${checkNames.join(", ")}`);
});
const pool =
  options.sample === undefined ? mutants : sampleOf(options.day, number(options.sample, 10));
const chosen = pool.filter(
  ({ family, name }) =>
    (options.family === undefined || options.family === family) &&
    options.name?.split(",").includes(name) !== false,
);
if (chosen.length === 0) refuse("there is no such mutant");

if (!options.docs || options.record) process.exitCode = (await runAll()) ? 0 : 1;
if (options.docs) {
  writeFileSync(
    join(root, "docs/proof.md"),
    renderProof(mutants, readResults(), readScores(), await scenarioNames(root)),
  );
  console.log("docs/proof.md is written");
}

/** @returns whether all is as it must be: a fault is noticed by its tests, unless a reason stands beside it */
async function runAll() {
  const kept = readResults();
  const work = chosen.flatMap((mutant) => {
    const due = checks.filter(
      (check) =>
        (check !== "tests" || mutant.tests.length > 0) &&
        (!options.missing || kept[mutant.name]?.[check]?.of !== fingerprint(mutant)),
    );
    return due.length === 0 ? [] : [{ mutant, due }];
  });
  if (work.length === 0) return true;
  const scratch = openScratch(root);
  const isDue = /** @param {string} check */ (check) =>
    work.some(({ due }) => due.some((each) => each === check));
  const observing = checks.filter((check) => check !== "tests").filter(isDue);
  const tests = isDue("tests") ? await openTests(scratch.folder) : undefined;
  let isRight = true;
  const observers =
    observing.length > 0 ? await openObservers(root, scratch, observing) : undefined;
  try {
    if (!(await standWithoutFaults(observers?.fails ?? [], tests?.check))) return false;
    const begin = Date.now();
    for (const [index, { mutant, due }] of work.entries()) {
      const verdicts = await scratch.with(mutant, async (path) => ({
        ...(due.some((check) => check !== "tests") && (await observers?.observe(mutant))),
        ...(due.includes("tests") && { tests: await tests?.check(mutant, path) }),
      }));
      const left = ((Date.now() - begin) / (index + 1)) * (work.length - index - 1);
      console.log(
        `${index + 1}/${work.length} ${mutant.family}/${mutant.name} (${Math.ceil(left / 60_000)} min left)`,
      );
      for (const check of due) {
        const verdict = verdicts[check];
        if (verdict === undefined) continue;
        const { outcome, by = "", all = [] } = verdict;
        const problem = problemOf(mutant, check, verdict);
        isRight &&= problem === undefined && outcome !== "does not load";
        const others = all.length > 1 ? `, and ${all.length - 1} more` : "";
        console.log(
          `  ${check}: ${outcome} ${by}${others}${problem === undefined ? "" : ` ! ${problem}`}`,
        );
        if (options.record) writeResult(mutant, check, verdict);
      }
    }
  } finally {
    await observers?.close();
    await tests?.close();
    scratch.remove();
  }
  console.log(isRight ? "each is noticed, or says why it is not" : "not all are noticed");
  return isRight;
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
 * @param {readonly string[]} fails what the observers notice
 * @param {import("./checks.mjs").Check | undefined} check the tests
 */
async function standWithoutFaults(fails, check) {
  const nothing = {
    name: "",
    family: "",
    file: "",
    find: "",
    replace: "",
    tests: [...new Set(chosen.flatMap((mutant) => mutant.tests))],
    observable: /** @type {const} */ ("local"),
  };
  const verdict = await check?.(nothing, undefined);
  const wrong =
    verdict === undefined || verdict.outcome === "lives" ? fails : [verdict.by, ...fails];
  for (const what of wrong) console.log(`fails without any fault: ${what}`);
  return wrong.length === 0;
}
