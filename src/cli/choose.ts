import { UsageError } from "./errors.ts";

/**
 * The entry that the user means: by its name, whatever the case, or by a part that only one name has.
 * @param what `group`
 * @param lists says which entries there are; default: the command that has this name and an s
 * @throws UsageError with what was probably meant
 */
export function choose<T extends { readonly name: string }>(
  what: string,
  entries: readonly T[],
  given: string,
  lists = `kemistry ${what}s lists what there is`,
): T {
  const wanted = given.toLowerCase();
  const exact = entries.find(({ name }) => name.toLowerCase() === wanted);
  if (exact !== undefined) return exact;
  const [only, ...others] = entries.filter(({ name }) => name.toLowerCase().includes(wanted));
  if (only !== undefined && others.length === 0) return only;
  const meant = nearest(wanted, entries);
  const advice = meant === undefined ? lists : `did you mean ${meant}?`;
  throw new UsageError(`there is no ${what} ${JSON.stringify(given)}; ${advice}`);
}

/** As {@link choose}, for a list with commas. */
export const chooseAll = <T extends { readonly name: string }>(
  what: string,
  entries: readonly T[],
  given: string,
): T[] => given.split(",").map((name) => choose(what, entries, name.trim()));

/** The name with the fewest changes, if they are fewer than half of it. */
function nearest(
  wanted: string,
  entries: readonly { readonly name: string }[],
): string | undefined {
  const [best] = entries
    .map(({ name }) => ({ name, changes: distance(wanted, name.toLowerCase()) }))
    .filter(({ name, changes }) => changes < name.length / 2)
    .toSorted((a, b) => a.changes - b.changes);
  return best?.name;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, from] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, to] of Array.from(b).entries()) {
      const substituted = row[j]! + (from === to ? 0 : 1);
      next.push(Math.min(substituted, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
