import * as check from "../registry/check.ts";
import { UsageError } from "./errors.ts";

/** The command that lists all entries of a kind; of other kinds there are few, and an error names them all. */
const lists: Readonly<Record<string, string>> = {
  group: "kemistry groups",
  suite: "kemistry suites",
  signature: "kemistry signatures",
  scenario: "kemistry attack --list",
  peer: "kemistry interop --list",
  case: "kemistry interop --list",
};

/**
 * The entry that the user means: by its name, whatever the case, or by a part that only one name has.
 * @param what the kind: `group`, `policy`
 * @throws UsageError with what was probably meant, or where all names stand
 */
export function choose<T extends { readonly name: string }>(
  what: string,
  entries: readonly T[],
  given: string,
): T {
  const wanted = given.toLowerCase();
  const exact = entries.find(({ name }) => name.toLowerCase() === wanted);
  if (exact !== undefined) return exact;
  const [only, ...others] = entries.filter(({ name }) => name.toLowerCase().includes(wanted));
  if (only !== undefined && others.length === 0) return only;
  const names = entries.map(({ name }) => name);
  const list = lists[what];
  const all = list === undefined ? `; there are ${names.join(", ")}` : `; ${list} names them all`;
  const advice = check.meant(given, names) || all;
  throw new UsageError(`there is no ${what} ${JSON.stringify(given)}${advice}`);
}

/** As {@link choose}, for a list with commas. */
export const chooseAll = <T extends { readonly name: string }>(
  what: string,
  entries: readonly T[],
  given: string,
): T[] => given.split(",").map((name) => choose(what, entries, name.trim()));

/** As {@link choose}, for names that stand for nothing but themselves. */
export const chooseName = <Name extends string>(
  what: string,
  names: readonly Name[],
  given: string,
): Name =>
  choose(
    what,
    names.map((name) => ({ name })),
    given,
  ).name;
