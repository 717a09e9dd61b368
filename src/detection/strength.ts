/** How strong things are, in coarse steps: for saying that one is weaker than another, and nothing else. */
import { keyBitsOf, type SchemeTable, type Suite } from "../crypto/index.ts";
import { type Group, groupCategory } from "../groups/index.ts";

/** Of the strongest of these groups; 0 of none. */
export const categoryOf = (candidates: readonly Group[]): number =>
  Math.max(0, ...candidates.map(groupCategory));

/** Key bits of a suite; `undefined` if it is none of these. */
export function suiteStrength(suites: readonly Suite[], name: string): number | undefined {
  const suite = suites.find((entry) => entry.name === name);
  return suite && keyBitsOf(suite);
}

/** 1 for a scheme that is believed to withstand a quantum computer; `undefined` if it is not known. */
export function schemeStrength(known: SchemeTable, name: string | null): number | undefined {
  const scheme = name === null ? undefined : known.anyByName(name);
  return scheme && (scheme.postQuantum ? 1 : 0);
}

/** The strongest; `undefined` of none. */
export const strongest = (candidates: readonly Group[]): Group | undefined =>
  candidates.reduce<Group | undefined>(
    (best, group) =>
      best === undefined || groupCategory(group) > groupCategory(best) ? group : best,
    undefined,
  );
