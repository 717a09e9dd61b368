/** Groups and signature schemes by name: those that are registered, and liboqs's, which are loaded when they are meant. */
import { knownSchemes, type Provider, type Scheme } from "../crypto/index.ts";
import { type Group, groups } from "../groups/index.ts";
import { compositeNames, compositeScheme } from "../identity/index.ts";
import { TlsError } from "../registry/index.ts";
import type { Oqs } from "../oqs/index.ts";
import { choose } from "./choose.ts";
import { UsageError } from "./errors.ts";

/** @throws UsageError for a name that nothing has, and for liboqs where it is not installed */
export async function chooseGroup(given: string): Promise<Group> {
  const found = await ofOqs(groups, given, (oqs) => oqs.groups, isAlone);
  return found ?? choose("group", groups, given);
}

/** As {@link chooseGroup}, for a list with commas. */
export const chooseGroups = (given: string): Promise<Group[]> =>
  Promise.all(given.split(",").map((name) => chooseGroup(name.trim())));

/** No code points are assigned to composites: in commands they stand here, in the order of their identifiers. */
const compositeCodes = 0xfe90;

/** As {@link chooseGroup}. Falcon is noble's where liboqs is not installed; composites are the provider's and noble's. */
export async function chooseScheme(given: string, provider: Provider): Promise<Scheme> {
  const composite = compositeNames.find((name) => name.toLowerCase() === given.toLowerCase());
  if (composite !== undefined) {
    const code = compositeCodes + compositeNames.indexOf(composite);
    return compositeScheme(composite, { code, provider });
  }
  try {
    const found = await ofOqs(knownSchemes, given, ({ schemes }) => schemes);
    return found ?? choose<Scheme>("signature", knownSchemes, given);
  } catch (error) {
    const { falconSchemes } = await import("../oqs/index.ts");
    const falcon = falconSchemes.find(({ name }) => name === given.toLowerCase());
    if (falcon === undefined) throw error;
    return falcon;
  }
}

/** What takes its randomness from nobody: a run with a seed would not be one. */
export function checkSeeded(parts: readonly (Group | Scheme)[]): void {
  for (const part of parts) {
    const objects = "kems" in part ? part.kems : [part.algorithm];
    if (objects.every((each) => typeof each === "string")) continue;
    throw new UsageError(`${part.name} draws randomness of its own: leave out --seed`);
  }
}

const isAlone = ({ kems }: Group): boolean => kems.length === 1;

/**
 * What liboqs has under this name. `undefined` where a registered entry has it, or nobody.
 * @param otherwise which to take where the name is the algorithm's
 */
async function ofOqs<T extends { readonly name: string }>(
  registered: readonly { readonly name: string }[],
  given: string,
  partsOf: (oqs: Oqs) => readonly T[],
  otherwise: (part: T) => boolean = () => true,
): Promise<T | undefined> {
  const isCalledSo = ({ name }: { readonly name: string }): boolean =>
    name.toLowerCase() === given.toLowerCase();
  if (registered.some(isCalledSo)) return undefined;
  const { findAlgorithm, isAbsent, loadOqs } = await import("../oqs/load.ts");
  if (findAlgorithm(given) === undefined && !isAbsent(given)) return undefined;
  const parts = partsOf(await asUsage(() => loadOqs([given])));
  return parts.find(isCalledSo) ?? parts.find(otherwise);
}

/** What liboqs lacks, and that it is not installed, is for the user to mend. */
export async function asUsage<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw error instanceof TlsError ? new UsageError(error.message) : error;
  }
}
