// @ts-check
/** What came of each fault under each check, kept in `results.json`. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/**
 * @typedef {object} Kept
 * @property {string} of which fault it was
 * @property {string} outcome
 * @property {string} [by] what noticed it first
 * @property {readonly string[]} [scenarios] that came out otherwise than predicted
 *
 * @typedef {Record<string, Record<string, Kept>>} Results by mutant, and by check
 *
 * @typedef {Record<string, { changes: number, noticed: number, why?: string }>} Scores of the general mutator, by file
 */

const scoresPath = new URL("scores.json", import.meta.url);
const path = new URL("results.json", import.meta.url);

/** A fault that fails more scenarios than these tells nothing of each of them but those that it names. */
export const few = 40;

/** Names the fault, wherever its code moves, so that what came of another is not taken for what comes of it. @param {import("./list.mjs").Fault} fault */
export const fingerprint = ({ find, replace }) =>
  createHash("sha256")
    .update(JSON.stringify([find, replace]))
    .digest("hex")
    .slice(0, 8);

/** @returns {Results} */
export const readResults = () => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {});

/**
 * Reads before it writes: several runs may keep their results at once.
 *
 * @param {import("./list.mjs").Mutant} mutant
 * @param {string} check
 * @param {import("./checks.mjs").Verdict} verdict
 */
export function writeResult(mutant, check, verdict) {
  const results = readResults();
  const { all = [], ...rest } = verdict;
  const of = fingerprint(mutant);
  const failed = check === "catalogue" ? all.filter(isScenario) : [];
  const scenarios =
    failed.length > few ? failed.filter((name) => mutant.scenarios?.includes(name)) : failed;
  const entry = { of, ...rest, ...(scenarios.length > 0 && { scenarios }) };
  results[mutant.name] = { ...results[mutant.name], [check]: entry };
  const sorted = Object.fromEntries(
    Object.entries(results).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  writeFileSync(path, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

/** @param {string} what */
export const isScenario = (what) => /^[a-z\d-]+$/.test(what);

/** @returns {Scores} */
export const readScores = () =>
  existsSync(scoresPath) ? JSON.parse(readFileSync(scoresPath, "utf8")) : {};

/** Keeps what was said of the file. @param {string} file @param {number} changes @param {number} noticed */
export function writeScore(file, changes, noticed) {
  const scores = readScores();
  scores[file] = { ...scores[file], changes, noticed };
  const sorted = Object.fromEntries(
    Object.entries(scores).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  writeFileSync(scoresPath, `${JSON.stringify(sorted, undefined, 2)}\n`);
}
