import { backdated, type CrlReason } from "../identity/index.ts";
import { crlReasons } from "../identity/revocation/crl.ts";
import * as check from "../registry/check.ts";
import type { PkiDirectory } from "./directory.ts";
import { duration } from "./duration.ts";
import { AuthorityError } from "./errors.ts";
import { counts, type Entry, outliving } from "./records.ts";
import { isCompromise } from "./rules.ts";

/** What is taken back: one of the three. */
export type Target =
  /** All certificates of a name. */
  | { readonly name: string }
  /** The certificate with that number, in hexadecimal, and those of the same name before it. */
  | { readonly serial: string }
  /** All certificates of a name, or that bear it as a host name, address, URI or e-mail address. */
  | { readonly identity: string };

const targetTable = { name: check.text, serial: check.text, identity: check.text };
const checkReason = check.oneOf(...Object.keys(crlReasons));

/**
 * Takes back what still counts. If the reason is that a key was compromised, all certificates for that key
 * go with it, and it is never certified again.
 * @returns what was revoked, as it stands now
 * @throws AuthorityError `not_found`, or `misuse` where nothing is left to revoke, or a root would be; TypeError or
 *   RangeError for a target or a reason that cannot be
 */
export function revoke(pki: PkiDirectory, target: Target, reason: CrlReason): Entry[] {
  check.checkOptions("revoke", target, targetTable);
  const given = Object.keys(target);
  if (given.length !== 1) {
    const which = given.length === 0 ? "none" : given.join(" and ");
    throw new TypeError(`revoke takes one of name, serial and identity, not ${which}`);
  }
  checkReason(reason, "revoke: reason");
  const named = targeted(pki, target);
  const keys = isCompromise(reason) ? new Set(named.map(({ key }) => key)) : new Set<string>();
  // A root that somebody else vouches for has the key of the cross-certificate
  const others = [...keys].flatMap((key) =>
    pki.records.ofKey(key).filter((each) => counts(each) && each.profile !== "root"),
  );
  const chosen = [...new Map([...named, ...others].map((entry) => [entry.serial, entry])).values()];
  if (chosen.some(({ profile }) => profile === "root")) {
    throw misuse("a root cannot be revoked: nobody stands above it; it must be distrusted");
  }
  const serials = chosen.map(({ serial }) => serial);
  pki.record({ type: "revoked", serials, at: new Date().toISOString(), reason });
  return serials.flatMap((serial) => pki.records.find(serial) ?? []);
}

/** Which certificates are superseded. */
export interface RevokeSupersededOptions {
  /** Milliseconds for which the successor has been valid, so that everybody has come to use it. */
  readonly after: number;
  /** Of one name. Default: of all. */
  readonly name?: string | undefined;
}

const checkSuperseded = check.complete(
  { after: duration, name: check.text } satisfies check.OptionTable<RevokeSupersededOptions>,
  "write { after }",
  ["after"],
);

/**
 * Takes back what still counts, and has been renewed that long ago. Not of authorities: what they certified would go
 * with them.
 * @returns what was revoked, as it stands now
 * @throws AuthorityError `not_found` for a name that is not there; TypeError or RangeError for options that cannot be
 */
export function revokeSuperseded(pki: PkiDirectory, options: RevokeSupersededOptions): Entry[] {
  checkSuperseded(options, "revokeSuperseded");
  const { after, name } = options;
  const latest = Date.now() - after - backdated;
  const names = name === undefined ? pki.records.names : [pki.current(name).name];
  return names.flatMap((each) => {
    if (pki.isAuthority(pki.current(each))) return [];
    const all = pki.records.ofName(each);
    const inUse = all.findLastIndex(({ notBefore }) => Date.parse(notBefore) <= latest);
    const old = all.slice(0, Math.max(0, inUse)).findLast((entry) => counts(entry));
    return old === undefined ? [] : revoke(pki, { serial: old.serial }, "superseded");
  });
}

/** What is meant, and not revoked yet. An ended certificate is meant where it is the one that was named. */
function targeted(pki: PkiDirectory, target: Target): Entry[] {
  if ("serial" in target) {
    const one = pki.records.find(target.serial);
    if (one === undefined) {
      throw new AuthorityError(
        "not_found",
        `there is no certificate with the number ${target.serial}`,
      );
    }
    checkNotYet(one);
    const all = pki.records.ofName(one.name);
    const before = all.slice(
      0,
      all.findIndex(({ serial }) => serial === one.serial),
    );
    return [...before.filter((entry) => isInUse(entry)), one];
  }
  if ("name" in target) {
    const current = pki.current(target.name);
    const old = pki.records.ofName(target.name).filter((entry) => isInUse(entry));
    if (old.some((entry) => counts(entry))) return old;
    checkNotYet(current);
    return [current];
  }
  const { identity } = target;
  const bears = ({ name, names }: Entry): boolean =>
    name === identity ||
    Object.values(names).some((each: readonly string[]) => each.includes(identity));
  const found = pki.entries.filter((entry) => isInUse(entry) && bears(entry));
  if (found.some((entry) => counts(entry))) return found;
  throw new AuthorityError(
    "not_found",
    `no certificate that counts is for ${JSON.stringify(identity)}`,
  );
}

/** Whether a certificate counts, or ended so lately that a connection may still stand that began with it. */
const isInUse = (entry: Entry): boolean => counts(entry, Date.now() - outliving);

function checkNotYet({ name, serial, revoked }: Entry): void {
  if (revoked !== undefined) throw misuse(`${name} ${serial} is revoked since ${revoked.at}`);
}

const misuse = (message: string): AuthorityError => new AuthorityError("misuse", message);
