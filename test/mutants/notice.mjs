// @ts-check
/**
 * Runs units of `observe.ts` in a process of its own: `node notice.mjs BUNDLE VECTORS RIGHT RECORDING UNITS`, the last in
 * JSON: their names, and of how many scenarios it says that they fail. What begins and what it notices comes out as JSON, a line each, at once: a process that is ended has
 * said what it knew.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isScenario } from "./results.mjs";

const [bundle = "", vectors = "", right = "", recording = "", wantedPath = ""] =
  process.argv.slice(2);
const recorded = JSON.parse(readFileSync(recording, "utf8"));
const { unitsOf } = await import(pathToFileURL(bundle).href);
/** @type {readonly import("./observe.ts").Unit[]} */
const units = unitsOf(vectors, await import(pathToFileURL(right).href), recorded);
const byName = new Map(units.map((unit) => [unit.name, unit]));
/** @type {Record<string, number>} How often a check has noticed it. */
const times = {};
/** @param {object} line */
const say = (line) => console.log(JSON.stringify(line));

/** @type {{ units: string[], most: number }} */
const wanted = JSON.parse(readFileSync(wantedPath, "utf8"));
for (const name of wanted.units) {
  const unit = byName.get(name);
  if (unit === undefined) throw new Error(`there is no unit ${name}`);
  const { check } = unit;
  const already = times[check] ?? 0;
  // Of scenarios all count, as far as they say something of each
  if (already > (check === "catalogue" && isScenario(name) ? wanted.most : 0)) continue;
  say({ begins: name });
  const noticed = attempt(unit);
  if (noticed === undefined) continue;
  times[check] = already + 1;
  say({ check, noticed });
}

/** @param {import("./observe.ts").Unit} unit */
function attempt(unit) {
  try {
    return unit.run();
  } catch (error) {
    return `${unit.name}: ${String(error).split("\n")[0]}`;
  }
}
