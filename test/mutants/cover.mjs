// @ts-check
/**
 * Runs all units of `observe.ts` without a fault, and says what each notices and which functions it calls:
 * `node cover.mjs BUNDLE VECTORS RIGHT RECORDING RESULT CHECKS`. A fault can only be noticed by a unit that calls the
 * function in which it is. What right ends come to in mutated handshakes is written down first.
 */
import { Session } from "node:inspector/promises";
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/**
 * @typedef {object} Coverage
 * @property {readonly (readonly [start: number, end: number])[]} functions where in the bundle each is
 * @property {readonly number[]} never those that nothing calls
 * @property {readonly number[]} once those that are called as the bundle loads, or for what is made once and serves all
 * @property {readonly CoveredUnit[]} units
 *
 * @typedef {object} CoveredUnit
 * @property {"catalogue" | "search" | "vectors" | "model"} check
 * @property {string} name
 * @property {string} [noticed]
 * @property {readonly number[]} calls
 */

const [bundle = "", vectors = "", right = "", recording = "", result = "", checks = ""] =
  process.argv.slice(2);
const url = pathToFileURL(bundle).href;
const session = new Session();
session.connect();
await session.post("Profiler.enable");

/** @type {Map<string, number>} */
const known = new Map();
/** @type {(readonly [number, number])[]} */
const functions = [];

/** Those that were called since it was asked last. @returns {Promise<Set<number>>} */
async function called() {
  const { result: scripts } = await session.post("Profiler.takePreciseCoverage");
  const own = scripts.find((script) => script.url === url)?.functions ?? [];
  const calls = new Set();
  for (const { ranges } of own) {
    const [range] = ranges;
    if (range === undefined) continue;
    const { startOffset, endOffset, count } = range;
    const key = `${startOffset} ${endOffset}`;
    const at = known.get(key) ?? functions.push([startOffset, endOffset]) - 1;
    known.set(key, at);
    if (count > 0) calls.add(at);
  }
  return calls;
}

// First whether they are called at all, which costs little
await session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: false });
const { record, unitsOf } = await import(url);
const rightEngine = await import(pathToFileURL(right).href);
const recorded = record(rightEngine);
writeFileSync(recording, JSON.stringify(recorded));
/** @type {readonly import("./observe.ts").Unit[]} */
const all = unitsOf(vectors, rightEngine, recorded);
const units = all.filter(({ check }) => checks.split(",").includes(check));
const noticed = units.map((unit) => unit.run());
const ever = await called();

// Then by which units, once all is there that is made only once
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
await called();
const often = new Set();
/** @type {CoveredUnit[]} */
const covered = [];
for (const [at, unit] of units.entries()) {
  const { check, name } = unit;
  const found = noticed[at];
  unit.run();
  const calls = await called();
  for (const each of calls) often.add(each);
  covered.push({ check, name, calls: [...calls], ...(found !== undefined && { noticed: found }) });
}
const never = functions.map((_, at) => at).filter((at) => !ever.has(at) && !often.has(at));
const once = [...ever].filter((at) => !often.has(at));
writeFileSync(result, JSON.stringify({ functions, never, once, units: covered }));
