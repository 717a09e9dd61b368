/** A directory does not grow for ever: what has ended long ago goes, as far as nobody needs it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { whole } from "../registry/check.ts";
import { duration } from "./duration.ts";
import type { PkiDirectory } from "./directory.ts";
import { type Entry, outliving } from "./records.ts";
import { isCompromise } from "./rules.ts";

/**
 * Takes away certificates that have ended, their folders and their place in memory. The journal keeps its lines. What
 * stays whatever its age: the current certificate of a name, authorities, what blocks a compromised key, what may
 * still be renewed, and what a list must have once more (RFC 5280 §3.3).
 * @param ended milliseconds for which they have
 * @returns what is gone
 * @throws TypeError or RangeError for what is not a number of milliseconds
 */
export function prune(pki: PkiDirectory, ended: number): readonly Entry[] {
  duration(ended, "prune: ended");
  const chosen = pki.entries.filter((entry) => isDone(pki, entry, ended));
  const serials = chosen.map(({ serial }) => serial);
  if (serials.length > 0) pki.record({ type: "pruned", serials });
  removePruned(pki);
  return chosen;
}

/**
 * Lets go of what the journal says of certificates that were pruned, of numbers without one, of earlier lists, and of
 * names and admissions that are no more. What is still needed stays, with who has written it and when: registrations,
 * the numbers of lists, what is certified or revoked. Heads that were noted before lie on no way any more.
 * @param written milliseconds for which lines stay, whatever they say
 * @param least so many lines must go, or none does. Default: 1
 * @returns how many lines went
 * @throws AuthorityError `damaged`; `misuse` for a directory with a database, whose lines stay; TypeError or RangeError
 *   for what is no number of milliseconds
 */
export function cutJournal(pki: PkiDirectory, written: number, least = 1): number {
  duration(written, "cutJournal: written");
  whole(1)(least, "cutJournal: least");
  // Whose folder is there still would be of nobody
  removePruned(pki);
  return pki.cut(Date.now() - written, least);
}

/** Also those that a crash has left. */
function removePruned(pki: PkiDirectory): void {
  const issued = join(pki.path, "issued");
  for (const folder of readdirSync(issued)) {
    if (isOfPruned(pki, folder)) pki.remove(`issued/${folder}`);
  }
}

/** Whether a folder is that of a certificate that is kept no more. */
export const isOfPruned = (pki: PkiDirectory, folder: string): boolean =>
  pki.records.isPruned(folder.slice(folder.lastIndexOf("-") + 1));

function isDone(pki: PkiDirectory, entry: Entry, ended: number): boolean {
  const { name, issuer, revoked } = entry;
  const end = Date.parse(entry.notAfter);
  const grace = pki.records.registration(name)?.grace ?? 0;
  if (end + Math.max(ended, grace) >= Date.now()) return false;
  if (pki.isAuthority(entry) || pki.records.current(name) === entry) return false;
  if (revoked === undefined) return true;
  if (Date.parse(revoked.at) + outliving >= Date.now()) return false;
  const { complete } = pki.records.listsOf(issuer);
  return !isCompromise(revoked.reason) && complete !== undefined && Date.parse(complete.at) > end;
}
