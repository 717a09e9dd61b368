/** Groups, schemes and types of keys by name: those that are registered, and candidates, which are loaded when they are meant. */
import {
  extendProvider,
  kemKeyTypes,
  type KemScheme,
  kemSchemes,
  type KeyType,
  knownSchemes,
  type Oid,
  type Provider,
  type Scheme,
  type SubjectKeyType,
} from "../crypto/index.ts";
import { type Group, groups } from "../groups/index.ts";
import { compositeNames, keyTypeNames } from "../identity/index.ts";
import { findAlgorithm, isAbsent } from "../oqs/load.ts";
import { type CandidateOptions, compositeFor, loadCandidates, loadSchemes } from "./candidates.ts";
import { choose, chooseName } from "./choose.ts";
import { UsageError } from "./errors.ts";

/** @throws UsageError for a name that nothing has, and for liboqs where it is not installed */
export async function chooseGroup(given: string, options: CandidateOptions = {}): Promise<Group> {
  const load = async () => (await loadCandidates([given], options)).groups;
  const isAlone = ({ kems }: Group): boolean => kems.length === 1;
  return (await candidate(groups, given, load, isAlone)) ?? choose("group", groups, given);
}

/** As {@link chooseGroup}, for a list with commas. */
export const chooseGroups = (given: string, options: CandidateOptions = {}): Promise<Group[]> =>
  Promise.all(given.split(",").map((name) => chooseGroup(name.trim(), options)));

/** As {@link chooseGroup}. Falcon is noble's where liboqs is not installed; composites are the provider's and noble's. */
export async function chooseScheme(
  given: string,
  provider: Provider,
  options: CandidateOptions = {},
): Promise<Scheme> {
  if (isOf(compositeNames, given)) {
    return compositeFor(chooseName("composite", compositeNames, given), provider);
  }
  const load = () => loadSchemes([given], options);
  return (
    (await candidate(knownSchemes, given, load)) ?? choose<Scheme>("signature", knownSchemes, given)
  );
}

/** As {@link chooseGroup}: a way to authenticate by KEM. */
export async function chooseKemScheme(
  given: string,
  options: CandidateOptions = {},
): Promise<KemScheme> {
  const load = async () => (await loadCandidates([given], options)).kemSchemes;
  return (await candidate(kemSchemes, given, load)) ?? choose("auth", kemSchemes, given);
}

/** A type of key for certificates, and a provider that makes such keys and works with them. */
export interface ChosenKey<Type extends SubjectKeyType = KeyType | Oid> {
  readonly type: Type;
  readonly provider: Provider;
}

/** As {@link chooseGroup}: for a key that signs. @throws UsageError for one that encapsulates, too */
export async function chooseSigningKey(
  given: string,
  provider: Provider,
  options: CandidateOptions = {},
): Promise<ChosenKey> {
  if (isOf(kemKeyTypes, given) || findAlgorithm(given)?.kind === "kem") {
    throw new UsageError(
      `a key of ${given} encapsulates: it signs no request and no certificate; kemistry pki issue NAME -a ${given} makes one with its certificate`,
    );
  }
  const isOwn =
    isOf(compositeNames, given) || findAlgorithm(given)?.kind === "signature" || isAbsent(given);
  if (isOf(keyTypeNames, given) || !isOwn) {
    return { type: chooseName("type of key", keyTypeNames, given), provider };
  }
  const scheme = await chooseScheme(given, provider, options);
  return { type: scheme.keyType, provider: extendProvider(provider, { schemes: [scheme] }) };
}

/** As {@link chooseSigningKey}, also for a key that encapsulates. */
export async function chooseKey(
  given: string,
  provider: Provider,
  options: CandidateOptions = {},
): Promise<ChosenKey<SubjectKeyType>> {
  if (isOf(kemKeyTypes, given)) {
    return { type: chooseName("type of key", kemKeyTypes, given), provider };
  }
  if (findAlgorithm(given)?.kind !== "kem") return chooseSigningKey(given, provider, options);
  const scheme = await chooseKemScheme(given, options);
  return { type: scheme.keyType, provider: extendProvider(provider, { kemSchemes: [scheme] }) };
}

const isOf = (names: readonly string[], given: string): boolean =>
  names.some((name) => name.toLowerCase() === given.toLowerCase());

/** What takes its randomness from nobody: a run with a seed would not be one. */
export function checkSeeded(parts: readonly (Group | Scheme | KemScheme)[]): void {
  for (const part of parts) {
    const objects =
      "kems" in part ? part.kems : "hpke" in part ? [part.hpke.kem.kem] : [part.algorithm];
    if (objects.every((each) => typeof each === "string")) continue;
    throw new UsageError(`${part.name} draws randomness of its own: leave out --seed`);
  }
}

/** Whether liboqs has it, or had it and the package has not. */
const isCandidate = (name: string): boolean => findAlgorithm(name) !== undefined || isAbsent(name);

/**
 * What liboqs has under this name. `undefined` where a registered entry has it, or nobody.
 * @param otherwise which to take where the name is the algorithm's
 */
async function candidate<T extends { readonly name: string }>(
  registered: readonly { readonly name: string }[],
  given: string,
  load: () => Promise<readonly T[]>,
  otherwise: (part: T) => boolean = () => true,
): Promise<T | undefined> {
  const isCalledSo = ({ name }: { readonly name: string }): boolean =>
    name.toLowerCase() === given.toLowerCase();
  if (registered.some(isCalledSo) || !isCandidate(given)) return undefined;
  const parts = await load();
  return parts.find(isCalledSo) ?? parts.find(otherwise);
}
