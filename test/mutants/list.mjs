// @ts-check
/** All named faults, by family, and those of a day. */
import { createHash } from "node:crypto";
import around from "./faults/around-the-engine.mjs";
import authkem from "./faults/authkem.mjs";
import authority from "./faults/authority-mesh-and-interop.mjs";
import authentication from "./faults/authentication.mjs";
import earlyData from "./faults/early-data.mjs";
import exporters from "./faults/exporters.mjs";
import keyUpdates from "./faults/key-updates.mjs";
import names from "./faults/names-and-time.mjs";
import negotiation from "./faults/negotiation.mjs";
import ownExtensions from "./faults/own-extensions.mjs";
import ownValues from "./faults/own-values-and-promises.mjs";
import parsers from "./faults/parsers.mjs";
import paths from "./faults/paths.mjs";
import policies from "./faults/policies-and-detectors.mjs";
import probes from "./faults/probes.mjs";
import psk from "./faults/psk-and-tickets.mjs";
import records from "./faults/records.mjs";
import retry from "./faults/retry.mjs";
import schedule from "./faults/schedule-and-hybrid.mjs";
import transcript from "./faults/transcript.mjs";

const families = {
  "schedule-and-hybrid": schedule,
  transcript,
  retry,
  "psk-and-tickets": psk,
  "names-and-time": names,
  "early-data": earlyData,
  "key-updates": keyUpdates,
  records,
  negotiation,
  authentication,
  authkem,
  "policies-and-detectors": policies,
  exporters,
  paths,
  parsers,
  "own-extensions": ownExtensions,
  "around-the-engine": around,
  probes,
  "own-values-and-promises": ownValues,
  "authority-mesh-and-interop": authority,
};

/** @type {readonly import("./list.mjs").Mutant[]} */
export const mutants = Object.entries(families).flatMap(([family, faults]) =>
  faults.map((fault) => ({ ...fault, family })),
);

/**
 * @param {import("./list.mjs").Mutant} mutant
 * @param {string} source
 */
export function mutate({ name, file, find, replace }, source) {
  const parts = source.split(find);
  if (parts.length !== 2) {
    throw new Error(`${name}: ${JSON.stringify(find)} stands ${parts.length - 1} times in ${file}`);
  }
  return parts.join(replace);
}

/**
 * @param {string} day
 * @param {number} size
 */
export function sampleOf(day, size) {
  const ranked = mutants.map((mutant) => ({
    mutant,
    rank: createHash("sha256").update(`${day} ${mutant.name}`).digest("hex"),
  }));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return ranked.slice(0, size).map(({ mutant }) => mutant);
}
