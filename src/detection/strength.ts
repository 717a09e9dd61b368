/** How strong things are, in coarse steps: for saying that one is weaker than another, and nothing else. */
import { knownSchemes, suites } from "../crypto/index.ts";
import { type Group, groups } from "../groups/index.ts";

/** The security category (FIPS 203) that its ML-KEM part claims; a KEM of one's own counts as 1; 0: classical. */
export const groupStrength = (group: Group): number =>
  Math.max(
    ...group.kems.map((kem) => {
      if (typeof kem === "string") return categories[kem] ?? 0;
      return kem.postQuantum ? 1 : 0;
    }),
  );

/** Of the strongest of these groups; 0 of none. */
export const categoryOf = (candidates: readonly Group[]): number =>
  Math.max(0, ...candidates.map(groupStrength));

const categories: Readonly<Record<string, number>> = {
  "ML-KEM-512": 1,
  "ML-KEM-768": 3,
  "ML-KEM-1024": 5,
};

/** Of a group by its name; `undefined` if it is not known here. */
export function namedGroupStrength(name: string | null | undefined): number | undefined {
  const group = groups.find((entry) => entry.name === name);
  return group && groupStrength(group);
}

/** Key bits of a suite; `undefined` if it is not known here. */
export function suiteStrength(name: string | null): number | undefined {
  const suite = suites.find((entry) => entry.name === name);
  return suite && (suite.aead === "aes-128-gcm" ? 128 : 256);
}

/** 1 for a scheme that is believed to withstand a quantum computer; `undefined` if it is not known here. */
export function schemeStrength(name: string | null): number | undefined {
  const scheme = knownSchemes.find((entry) => entry.name === name);
  return scheme && (scheme.postQuantum ? 1 : 0);
}

/** The strongest; `undefined` of none. */
export const strongest = (candidates: readonly Group[]): Group | undefined =>
  candidates.reduce<Group | undefined>(
    (best, group) =>
      best === undefined || groupStrength(group) > groupStrength(best) ? group : best,
    undefined,
  );
