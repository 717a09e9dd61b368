/** Candidates that an experiment names: loaded, so that they run where others of their kind are sizes only. */
import { kemSize, signatureSize } from "../../lab.ts";
import type { ExperimentFile, Parts } from "../../lab/experiment/index.ts";
import { findAlgorithm } from "../../oqs/load.ts";
import { loadCandidates } from "../candidates.ts";

/**
 * The groups and schemes of liboqs by the names that TLS has for them (`x25519_hqc128`, `mayo2`). What the table of
 * sizes has stays a size: `MAYO-2` is one on every machine, whatever is installed there.
 * @throws UsageError where liboqs is not installed
 */
export async function candidatesIn({
  factors,
  cases,
  chains,
}: ExperimentFile): Promise<Pick<Parts, "groups" | "schemes">> {
  const names = [...new Set(textsIn([factors, cases, chains]))].filter(isMeant);
  if (names.length === 0) return {};
  const { groups, schemes } = await loadCandidates(names, {});
  return { groups, schemes };
}

const isMeant = (name: string): boolean => {
  if (kemSize(name) !== undefined || signatureSize(name) !== undefined) return false;
  const found = findAlgorithm(name);
  return found?.kind === "kem"
    ? found.groups.some((group) => group.name === name)
    : found?.scheme === name;
};

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
