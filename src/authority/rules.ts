/** What an authority must not certify, whatever its profiles say: it knows what it has certified before. */
import type { CrlReason } from "../identity/index.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import type { Issuing } from "./lines.ts";
import { counts, crossProfile, type Entry } from "./records.ts";

/** Reasons after which a key is not to be certified again (RFC 5280 §5.3.1). */
const compromises: ReadonlySet<CrlReason> = new Set([
  "keyCompromise",
  "cACompromise",
  "aACompromise",
]);

export const isCompromise = (reason: CrlReason): boolean => compromises.has(reason);

/**
 * A key that was compromised is blocked for good, for whomever; and a key has one holder: what a request
 * proves the possession of must not be an authority's key, or that of another name. A cross-certificate is for a key
 * whose holder has another certificate.
 * @throws AuthorityError `refused`
 */
export function checkKey(pki: PkiDirectory, { key, name, profile }: Issuing): void {
  for (const entry of pki.records.ofKey(key)) {
    const { revoked } = entry;
    if (revoked !== undefined && isCompromise(revoked.reason)) {
      throw refused(
        `this key is blocked: ${entry.name} ${entry.serial} is revoked (${revoked.reason})`,
      );
    }
    const both = [profile, entry.profile];
    const isAuthority = (each: string): boolean =>
      each === crossProfile || pki.isAuthority({ profile: each });
    if (both.includes(crossProfile) && both.every(isAuthority)) continue;
    if (entry.name !== name) throw refused(`this key is that of ${entry.name}`);
  }
}

/**
 * One SPIFFE ID is one workload: it does not go to a second name while the first one's certificate counts.
 * @throws AuthorityError `refused`
 */
export function checkIds(pki: PkiDirectory, { names, name }: Issuing): void {
  for (const uri of names.uri ?? []) {
    if (!uri.startsWith("spiffe://")) continue;
    const other = pki.records.ofUri(uri).find((entry) => entry.name !== name && counts(entry));
    if (other === undefined) continue;
    throw refused(
      `${uri} is ${other.name}'s: revoke that, or say --share-id to give it to two keys`,
    );
  }
}

/**
 * An authority signs while it, and all above it, are valid.
 * @throws AuthorityError `refused`
 */
export function checkSigner(pki: PkiDirectory, signer: Entry): void {
  const now = Date.now();
  for (let entry = signer; ; entry = pki.current(entry.issuer)) {
    if (entry.revoked !== undefined) {
      throw refused(`${entry.name} is revoked since ${entry.revoked.at}, and signs nothing`);
    }
    if (Date.parse(entry.notAfter) < now) {
      throw refused(`${entry.name} has expired at ${entry.notAfter}, and signs nothing: renew it`);
    }
    if (Date.parse(entry.notBefore) > now) {
      throw refused(`${entry.name} is valid from ${entry.notBefore}, and signs nothing before`);
    }
    if (entry.profile === "root") return;
  }
}

const refused = (message: string): AuthorityError => new AuthorityError("refused", message);
