/**
 * Enrolment and renewal: who is registered gets the first certificate by an admission, which is good once, for who
 * shows its token or has its key; each next one by the one before.
 */
import { createHash } from "node:crypto";
import type { Provider } from "../crypto/index.ts";
import {
  type Csr,
  draftUnderProfile,
  type Profile,
  printNames,
  type SubjectNames,
  verifyCsr,
} from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { authorityOf, certify } from "./certify.ts";
import { chooseAuthority } from "./choose.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import { keyHash } from "./keys.ts";
import * as given from "./option-checks.ts";
import { counts, type Entry } from "./records.ts";
import { registrationOf } from "./registration.ts";
import type { Signing } from "./signing.ts";

interface TokenTerms {
  readonly name: string;
  readonly lifetime: number;
}

const tokenTable = {
  name: check.text,
  lifetime: given.duration,
} satisfies check.OptionTable<TokenTerms>;
const checkToken = check.complete(tokenTable, "write { name, lifetime }");

/**
 * Makes a token that lets who shows it enrol once as that name. The directory keeps its hash only.
 * @param terms `lifetime` in milliseconds
 * @returns 43 letters, and after dots the hashes of the roots' keys, by which the bearer knows the authority
 */
export function admitByToken(pki: PkiDirectory, terms: TokenTerms, provider: Provider): string {
  checkToken(terms, "admitByToken");
  const { name, lifetime } = terms;
  const { issuer } = registrationOf(pki, name);
  const secret = Buffer.from(provider.random(32)).toString("base64url");
  // The bearer may come when the next one has taken over
  const issuers = [pki.records.successor(issuer), pki.records.successor(issuer, Infinity)];
  const roots = [...new Set(issuers)].map((each) => pki.pathFrom(pki.current(each)).at(-1)!);
  pki.record({ type: "admission", id: tokenId(secret), by: "token", name, until: after(lifetime) });
  const hashes = roots.map((root) => Buffer.from(keyHash(root.publicKey), "hex"));
  return [secret, ...hashes.map((hash) => hash.toString("base64url"))].join(".");
}

interface KeyTerms extends TokenTerms {
  /** As `keyHash` gives it. */
  readonly key: string;
}

const checkKeyTerms = check.complete(
  { ...tokenTable, key: given.digits(64) } satisfies check.OptionTable<KeyTerms>,
  "write { name, key, lifetime }",
);

/** Lets whoever has a key enrol once as that name: their request was approved. */
export function admitKey(pki: PkiDirectory, terms: KeyTerms): void {
  checkKeyTerms(terms, "admitKey");
  const { name, key, lifetime } = terms;
  registrationOf(pki, name);
  if (pki.records.admission(key)?.serial !== undefined) {
    throw refused("this key was admitted before, and has its certificate");
  }
  pki.record({ type: "admission", id: key, by: "key", name, until: after(lifetime) });
}

/** What lets somebody in: a token, or the key of the request itself. */
const admissionId = (csr: Csr, token: string | undefined): string =>
  token === undefined ? keyHash(csr.publicKey) : tokenId(token.split(".")[0] ?? "");

/** Whether there is an admission, used or not, for who shows that. */
export const isAdmitted = (pki: PkiDirectory, csr: Csr, token: string | undefined): boolean =>
  pki.records.admission(admissionId(csr, token)) !== undefined;

interface Enrolment {
  readonly csr: Csr;
  readonly token?: string | undefined;
}

const checkEnrolment = check.complete(
  { csr: given.request, token: check.text } satisfies check.OptionTable<Enrolment>,
  "write { csr }",
  ["csr"],
);

/**
 * The first certificate of a registered name. Who asks again with the same key, since the answer was lost, gets
 * the same one, or the next one if that has ended.
 * @returns `undefined` if nobody has approved the request
 * @throws AuthorityError `refused`, TlsError `bad_certificate` for a request that its key has not signed
 */
export async function enrol(
  pki: PkiDirectory,
  enrolment: Enrolment,
  signing: Signing,
): Promise<Entry | undefined> {
  given.checkAsked("enrol", { given: enrolment, check: checkEnrolment }, signing);
  const { csr, token } = enrolment;
  verifyCsr(csr, signing.provider);
  const admission = pki.records.admission(admissionId(csr, token));
  if (admission === undefined) {
    if (token === undefined) return undefined;
    throw refused("there is no such token");
  }
  if (Date.parse(admission.until) < Date.now()) {
    throw refused(`the ${admission.by} was good until ${admission.until}`);
  }
  const { name } = admission;
  if (admission.serial !== undefined) {
    const key = keyHash(csr.publicKey);
    if (pki.records.find(admission.serial)?.key !== key) {
      throw refused(`the ${admission.by} was used already`);
    }
    const latest = pki.records.ofName(name).findLast((each) => each.key === key)!;
    checkUnrevoked(pki, latest);
    // Where certificates live for a minute, that may be over before the answer is heard
    return counts(latest) ? latest : certifyRegistered(pki, { csr, name }, signing);
  }
  return certifyRegistered(pki, { csr, name, admission: admission.id }, signing);
}

interface Renewal {
  readonly csr: Csr;
  readonly serial: string;
}

const checkRenewal = check.complete(
  { csr: given.request, serial: check.text } satisfies check.OptionTable<Renewal>,
  "write { csr, serial }",
);

/**
 * The next certificate of a registered name, for who has proved to have the key of one before it.
 * @param renewal `serial` of the certificate that the bearer has shown
 * @throws AuthorityError `refused`, `busy` where too many count already, TlsError `bad_certificate`
 */
export async function renewRegistered(
  pki: PkiDirectory,
  renewal: Renewal,
  signing: Signing,
): Promise<Entry> {
  given.checkAsked("renewRegistered", { given: renewal, check: checkRenewal }, signing);
  const { csr, serial } = renewal;
  verifyCsr(csr, signing.provider);
  const entry = pki.records.find(serial);
  if (entry === undefined) throw refused(`${serial} was not issued here`);
  const { name, notAfter } = entry;
  checkUnrevoked(pki, entry);
  const all = pki.records.ofName(name);
  const { grace } = registrationOf(pki, name);
  // Two count at a time, where nothing goes wrong
  if (all.slice(-2 * mostAtOnce).filter((each) => counts(each)).length >= mostAtOnce) {
    throw new AuthorityError("busy", `${mostAtOnce} certificates of ${name} count already`);
  }
  if (Date.parse(notAfter) + grace < Date.now()) {
    throw refused(`${name} ${serial} has ended at ${notAfter}: it needs a new token`);
  }
  return certifyRegistered(pki, { csr, name }, signing);
}

/**
 * With a certificate that was revoked all before it went, and those that had ended by then are not on any list.
 * @throws AuthorityError `refused`
 */
function checkUnrevoked(pki: PkiDirectory, entry: Entry): void {
  const all = pki.records.ofName(entry.name);
  const revoked = all.slice(all.indexOf(entry)).find((each) => each.revoked !== undefined);
  if (revoked !== undefined) {
    throw refused(`${entry.name} ${revoked.serial} is revoked since ${revoked.revoked?.at}`);
  }
}

/** Certificates of a name that count at the same time: an agent that renews without end does not fill the disk. */
const mostAtOnce = 32;

async function certifyRegistered(
  pki: PkiDirectory,
  {
    csr,
    name,
    admission,
  }: { readonly csr: Csr; readonly name: string; readonly admission?: string },
  signing: Signing,
): Promise<Entry> {
  const registered = registrationOf(pki, name);
  const { profile, names, lifetime, keyTypes } = registered;
  checkAsked(csr, names);
  const issuer = chooseAuthority(pki, registered.issuer);
  const terms = { profile, lifetime };
  const { authority, signingKey } = await authorityOf(pki, issuer, terms, signing);
  const narrowed: Profile = {
    ...authority.profile,
    ...(keyTypes === undefined ? {} : { keyTypes }),
  };
  const applicant = { subject: { CN: name }, names, publicKey: csr.publicKey };
  return certify(pki, {
    name,
    profile,
    issuer: issuer.name,
    admission,
    signingKey,
    path: [authority.issuer, ...authority.above!],
    draft: (signatureName) =>
      draftUnderProfile(applicant, { ...authority, profile: narrowed }, signatureName),
  });
}

/** A request may leave names out, and gets them all; it must not ask for others. @throws AuthorityError `refused` */
function checkAsked(csr: Csr, registered: SubjectNames): void {
  const asked = printNames(csr.requested.subjectAltNames);
  for (const kind of ["dns", "ip", "uri", "email"] as const) {
    const alien = asked[kind]?.find((each) => registered[kind]?.includes(each) !== true);
    if (alien !== undefined) throw refused(`${JSON.stringify(alien)} is not registered for it`);
  }
}

const tokenId = (secret: string): string => createHash("sha256").update(secret).digest("hex");

const after = (lifetime: number): string => new Date(Date.now() + lifetime).toISOString();

const refused = (message: string): AuthorityError => new AuthorityError("refused", message);
