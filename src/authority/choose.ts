/** Finding what a command means. */
import type { Profile } from "../identity/index.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import { counts, type Entry } from "./records.ts";
import type { Settings } from "./settings.ts";

/** Whether the directory can call something so, and its folder: letters, digits, dots and hyphens, at most 63. */
export const isName = (name: string): boolean => /^[a-z0-9][a-z0-9._-]{0,62}$/i.test(name);

/**
 * Who issues: by name, or the only one there is; where another has taken its place, that one.
 * @throws AuthorityError that lists the names there are
 */
export function chooseAuthority(pki: PkiDirectory, given: string | undefined): Entry {
  const name = given === undefined ? undefined : pki.records.successor(given);
  const authorities = pki
    .authorities()
    .filter((entry) => pki.records.successor(entry.name) === entry.name);
  const names = authorities.map((entry) => entry.name).join(", ");
  if (name === undefined) {
    const [only, ...others] = authorities;
    if (only !== undefined && others.length === 0) return only;
    throw new AuthorityError(
      "not_found",
      `there are several authorities: give --issuer with one of ${names}`,
    );
  }
  const found = authorities.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  throw new AuthorityError(
    "not_found",
    `there is no authority ${JSON.stringify(name)}, but ${names}`,
  );
}

/** A profile by its name. @throws AuthorityError `not_found` that lists the profiles there are */
export function chooseProfile({ profiles }: Settings, name: string): Profile {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile !== undefined) return profile;
  throw new AuthorityError(
    "not_found",
    `there is no profile ${JSON.stringify(name)} in pki.json, but ${Object.keys(profiles).join(", ")}`,
  );
}

/** @throws AuthorityError `exists` if the name has a certificate that counts */
export function checkFree(pki: PkiDirectory, name: string): void {
  const current = pki.records.current(name);
  if (current === undefined || !counts(current)) return;
  throw new AuthorityError(
    "exists",
    `there is a certificate of ${name}: renew or revoke it, or take another name`,
  );
}
