/**
 * A new root in the place of an old one, without a pause: first everybody learns it, then what is below it certifies,
 * and once nothing that counts is below the old one, that is trusted no more. It is planned in one step, and time does
 * the rest.
 */
import type { KeyType, Oid } from "../crypto/index.ts";
import * as option from "../identity/certificate/option-checks.ts";
import { signingType } from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { chooseProfile } from "./choose.ts";
import { crossSign } from "./cross-sign.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import { issue, issueRoot, limitsOf } from "./issue.ts";
import type { Succession } from "./lines.ts";
import * as given from "./option-checks.ts";
import { counts, type Entry } from "./records.ts";
import { lifetimeOf } from "./root.ts";
import type { Signing } from "./signing.ts";

/** Which root is to be succeeded, and when. */
export interface RollRootOptions {
  /** The root. */
  readonly name: string;
  /** Milliseconds in which everybody learns the new root, before anything is certified below it. */
  readonly overlap: number;
  /** Of the new keys. Default: of the type of those that they replace. */
  readonly algorithm?: KeyType | Oid | undefined;
  /**
   * Lets the old root certify the new one, for those who know only the old one until it goes: this cross-certificate is
   * part of all chains below the new root, as `<new>-by-<old>`. Default: false.
   */
  readonly crossSigned?: boolean | undefined;
  /** Encrypts the new keys that are in files. */
  readonly newPassphrase?: string | undefined;
}

const checkRoll = check.complete(
  {
    name: check.text,
    overlap: given.duration,
    algorithm: option.keyType,
    crossSigned: check.flag,
    newPassphrase: check.text,
  } satisfies check.OptionTable<RollRootOptions>,
  "write { name, overlap }",
  ["name", "overlap"],
);

/** Milliseconds for clocks that differ. */
const margin = 300_000;

/**
 * Makes a new root, and a new authority for each below the old one, and plans when they take over.
 * @returns who is succeeded by whom, the root first
 * @throws AuthorityError `misuse` for what is not a root, or was rolled already; TypeError or RangeError for options
 *   that cannot be
 */
export async function rollRoot(
  pki: PkiDirectory,
  options: RollRootOptions,
  signing: Signing,
): Promise<readonly Succession[]> {
  given.checkAsked("rollRoot", { given: options, check: checkRoll }, signing);
  const root = pki.current(options.name);
  if (root.profile !== "root") throw misuse(`${root.name} is not a root: renew it`);
  const planned = pki.records.succession(root.name);
  if (planned !== undefined) throw misuse(`${root.name} is succeeded by ${planned.by} already`);
  checkAll(pki, root, options);
  const pairs = [{ old: root, by: await nextRoot(pki, root, options, signing) }];
  // Those below stand behind those above
  for (let at = 0; at < pairs.length; at++) {
    const { old, by } = pairs[at]!;
    for (const below of authoritiesBelow(pki, old)) {
      pairs.push({ old: below, by: await nextBelow(pki, below, by, options, signing) });
    }
  }
  const from = Date.now() + options.overlap;
  const until =
    lastEnd(
      pki,
      pairs.map(({ old }) => old.name),
      from,
    ) + margin;
  const lines = pairs.map(({ old, by }) => ({
    type: "succeeded" as const,
    name: old.name,
    by: by.name,
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
  }));
  if (options.crossSigned === true) {
    const { by } = pairs[0]!;
    const name = `${by.name}-by-${root.name}`;
    const lifetime = until - Date.now();
    const certificate = pki.certificate(by);
    await crossSign(pki, { name, certificate, issuer: root.name, lifetime }, signing);
  }
  pki.record(...lines);
  return lines;
}

/** Roots that are to be trusted: those that count, and are not replaced altogether. */
export const trustedRoots = (pki: PkiDirectory, now = Date.now()): readonly Entry[] =>
  pki.records.ofProfile("root").filter((entry) => {
    const { until } = pki.records.succession(entry.name) ?? {};
    return counts(entry, now) && (until === undefined || Date.parse(until) > now);
  });

/** Before the first is made: what cannot be done for one is done for none. @throws AuthorityError `misuse` */
function checkAll(
  pki: PkiDirectory,
  root: Entry,
  { algorithm, newPassphrase, crossSigned }: RollRootOptions,
): void {
  // The new one has the old one's, and stands below it (RFC 5280 §4.2.1.9)
  const { pathLength } = pki.certificate(root).basicConstraints ?? {};
  if (crossSigned === true && pathLength !== undefined) {
    throw misuse(
      `${root.name} allows ${pathLength} levels below it, and a root with as many needs one more`,
    );
  }
  const all = [root];
  for (const each of all) {
    placeOf(pki, each, each.name, newPassphrase);
    const below = authoritiesBelow(pki, each);
    for (const { name, profile } of algorithm === undefined ? [] : below) {
      const { keyTypes } = chooseProfile(pki.settings, profile);
      if (keyTypes?.some((type) => type === algorithm) !== false) continue;
      throw misuse(`${name} cannot have a key of type ${algorithm}: ${profile} certifies none`);
    }
    all.push(...below);
  }
}

function nextRoot(
  pki: PkiDirectory,
  root: Entry,
  { algorithm, newPassphrase }: RollRootOptions,
  signing: Signing,
): Promise<Entry> {
  const certificate = pki.certificate(root);
  const name = nextName(pki, root.name);
  const { pathLength } = certificate.basicConstraints ?? {};
  return issueRoot(
    pki,
    {
      name,
      subject: { CN: name },
      algorithm: algorithm ?? signingType(certificate.publicKey.type),
      pathLength,
      lifetime: lifetimeOf(certificate),
      extensions: limitsOf(certificate),
      ...placeOf(pki, root, name, newPassphrase),
    },
    signing,
  );
}

function nextBelow(
  pki: PkiDirectory,
  old: Entry,
  issuer: Entry,
  { algorithm, newPassphrase }: RollRootOptions,
  signing: Signing,
): Promise<Entry> {
  const certificate = pki.certificate(old);
  const name = nextName(pki, old.name);
  return issue(
    pki,
    {
      name,
      issuer: issuer.name,
      profile: old.profile,
      names: {},
      algorithm: algorithm ?? certificate.publicKey.type,
      extensions: limitsOf(certificate),
      ...placeOf(pki, old, name, newPassphrase),
    },
    signing,
  );
}

const authoritiesBelow = (pki: PkiDirectory, issuer: Entry): Entry[] =>
  pki
    .authorities()
    .filter((entry) => entry.issuer === issuer.name && entry.profile !== "root" && counts(entry));

/** A new key is where the old one is: in the same token, or in a file, under a passphrase if that is. */
function placeOf(
  pki: PkiDirectory,
  old: Entry,
  name: string,
  newPassphrase: string | undefined,
): { readonly keyUri?: string; readonly newPassphrase?: string } {
  const file = pki.keyFile(old);
  if (file?.name === "key.uri") {
    return { keyUri: file.content.trim().replace(/object=[^;?]*/, `object=${name}`) };
  }
  if (newPassphrase !== undefined) return { newPassphrase };
  if (file?.content.includes("ENCRYPTED") !== true) return {};
  throw misuse(`the key of ${old.name} is encrypted: give --encrypt-with for the new one`);
}

/** `root`, `root-2`, `root-3`. */
function nextName(pki: PkiDirectory, name: string): string {
  const [, base = name, count = "1"] = /^(.*?)-(\d{1,6})$/.exec(name) ?? [];
  for (let at = Number(count) + 1; ; at++) if (!pki.has(`${base}-${at}`)) return `${base}-${at}`;
}

/** When the last certificate ends that is below these, or that who is registered may get until then, with its grace. */
function lastEnd(pki: PkiDirectory, names: readonly string[], from: number): number {
  const isBelow = ({ issuer }: { readonly issuer: string }): boolean => names.includes(issuer);
  const leaves = pki.entries.filter(
    (entry) => isBelow(entry) && !pki.isAuthority(entry) && counts(entry),
  );
  const registered = pki.records.registrations.filter(isBelow).map((each) => {
    const { lifetime } = chooseProfile(pki.settings, each.profile);
    return from + (each.lifetime ?? lifetime) + each.grace;
  });
  return Math.max(from, ...leaves.map(({ notAfter }) => Date.parse(notAfter)), ...registered);
}

const misuse = (message: string): AuthorityError => new AuthorityError("misuse", message);
