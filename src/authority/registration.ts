/**
 * Registrations: which name may have which certificate. Who is registered gets the first one by an admission,
 * which is good once, for who shows its token or has its key; each next one by the one before.
 */
import { createHash } from "node:crypto";
import type { KeyType, Provider, PublicKeyInfo } from "../crypto/index.ts";
import {
  type Csr,
  draftUnderProfile,
  hostForm,
  parseIpAddress,
  keyTypeNames,
  parseSpiffeId,
  type Profile,
  printNames,
  type SubjectNames,
  verifyCsr,
} from "../identity/index.ts";
import * as option from "../identity/certificate/option-checks.ts";
import * as check from "../registry/check.ts";
import { authorityOf, certify } from "./certify.ts";
import { chooseAuthority, chooseProfile } from "./choose.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import type { Registered } from "./journal.ts";
import { keyHash } from "./keys.ts";
import * as given from "./option-checks.ts";
import { counts, type Entry } from "./records.ts";
import type { Signing } from "./signing.ts";

/** What a name is to have. */
export interface RegisterOptions {
  readonly name: string;
  /** Who certifies it. Default: the only authority, or the only one below a root. */
  readonly issuer?: string | undefined;
  /** Default: `peer`. */
  readonly profile?: string | undefined;
  readonly names: SubjectNames;
  /** Milliseconds. Default: the profile's, which is the most. */
  readonly lifetime?: number | undefined;
  /** Default: the profile's. */
  readonly keyTypes?: readonly KeyType[] | undefined;
  /** Milliseconds after the end of a certificate in which it can still be renewed. Default: 0. */
  readonly grace?: number | undefined;
}

const checkRegistration = check.complete(
  {
    name: given.name,
    issuer: check.text,
    profile: check.text,
    names: option.names,
    lifetime: given.duration,
    keyTypes: check.listOf(check.oneOf(...keyTypeNames), 1),
    grace: given.duration,
  } satisfies check.OptionTable<RegisterOptions>,
  "write { name, names }",
  ["name", "names"],
);

/**
 * Says what a name may have, from its next certificate on.
 * @throws AuthorityError `not_found` for issuers and profiles, `misuse` for what cannot be, `refused` for a
 *   SPIFFE ID that is registered under another name; TypeError or RangeError for options that cannot be
 */
export function register(pki: PkiDirectory, options: RegisterOptions): Registered {
  checkRegistration(options, "register");
  const { name, profile = "peer", lifetime, keyTypes, grace = 0 } = options;
  if (name === serviceName) throw misuse(`${name} cannot be a name: it is the authority's own`);
  const issuer = options.issuer ?? onlyIssuer(pki);
  chooseAuthority(pki, issuer);
  const terms = chooseProfile(pki.settings, profile);
  if (terms.ca !== undefined) throw misuse(`${profile} makes authorities, which nobody enrols as`);
  if (lifetime !== undefined && lifetime > terms.lifetime) {
    throw misuse(`${profile} gives ${terms.lifetime / 1000} s at most, not ${lifetime / 1000} s`);
  }
  const names = checkedNames(options.names);
  for (const uri of names.uri ?? []) {
    const other = pki.records.registrations.find(
      (each) => each.name !== name && each.names.uri?.includes(uri),
    );
    if (other !== undefined) throw refused(`${uri} is registered for ${other.name}`);
  }
  const registered: Registered = {
    type: "registered",
    name,
    issuer,
    profile,
    names,
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(keyTypes === undefined ? {} : { keyTypes }),
    grace,
  };
  pki.record(registered);
  return registered;
}

/** Lets a name have nothing more. @throws AuthorityError `refused` if nobody is registered as that */
export function unregister(pki: PkiDirectory, name: string): void {
  registrationOf(pki, name);
  pki.record({ type: "unregistered", name });
}

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

/** Milliseconds after the end of a certificate in which it can still be renewed; 0 if nobody may. */
export function graceOf(pki: PkiDirectory, serial: string): number {
  const entry = pki.records.find(serial);
  return entry === undefined ? 0 : (pki.records.registration(entry.name)?.grace ?? 0);
}

interface ServiceTerms {
  readonly issuer: string;
  readonly names: SubjectNames;
  readonly publicKey: PublicKeyInfo;
  /** Milliseconds. */
  readonly lifetime: number;
}

const checkService = check.complete(
  {
    issuer: check.text,
    names: option.names,
    publicKey: option.publicKey,
    lifetime: given.duration,
  } satisfies check.OptionTable<ServiceTerms>,
  "write { issuer, names, publicKey, lifetime }",
);

/**
 * The certificate of a service of the authority itself, which no registration names.
 * @throws AuthorityError, TlsError as `issue`
 */
export async function certifyService(
  pki: PkiDirectory,
  options: ServiceTerms,
  signing: Signing,
): Promise<Entry> {
  given.checkAsked("certifyService", { given: options, check: checkService }, signing);
  const { names, publicKey, lifetime } = options;
  const issuer = chooseAuthority(pki, options.issuer);
  const terms = { profile: "server", lifetime };
  const { authority, signingKey } = await authorityOf(pki, issuer, terms, signing);
  const applicant = { subject: { CN: serviceName }, names, publicKey };
  return certify(pki, {
    name: serviceName,
    profile: terms.profile,
    issuer: issuer.name,
    signingKey,
    path: [authority.issuer, ...authority.above!],
    draft: (signatureName) => draftUnderProfile(applicant, authority, signatureName),
  });
}

/** Names of its certificates. */
const serviceName = "kemistry-authority";

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

function registrationOf(pki: PkiDirectory, name: string): Registered {
  const registered = pki.records.registration(name);
  if (registered !== undefined) return registered;
  throw new AuthorityError("refused", `nobody is registered as ${JSON.stringify(name)}`);
}

/** The one authority, or the one below a root; of those that succeed each other the one whose time it is. */
export function onlyIssuer(pki: PkiDirectory): string {
  const { records } = pki;
  const authorities = pki.authorities();
  const coming = new Set(
    authorities.flatMap(({ name }) => {
      const next = records.succession(name);
      return next !== undefined && Date.parse(next.from) > Date.now() ? [next.by] : [];
    }),
  );
  const below = new Set(
    authorities
      .filter(({ name, profile }) => profile !== "root" && !coming.has(name))
      .map(({ name }) => records.successor(name)),
  );
  return chooseAuthority(pki, below.size === 1 ? [...below][0] : undefined).name;
}

/** @throws AuthorityError `misuse` */
function checkedNames(asked: SubjectNames): SubjectNames {
  const names = Object.fromEntries(
    Object.entries(asked).filter(([, each]: [string, readonly string[]]) => each.length > 0),
  ) as SubjectNames;
  if (Object.keys(names).length === 0) throw misuse("a registration needs names: give a SPIFFE ID");
  for (const dns of names.dns ?? [])
    if (hostForm(dns) === undefined) throw misuse(`${dns} is no host name`);
  for (const ip of names.ip ?? [])
    if (parseIpAddress(ip) === undefined) throw misuse(`${ip} is no address`);
  for (const uri of names.uri ?? []) {
    if (!uri.startsWith("spiffe://")) continue;
    if (parseSpiffeId(uri).path.startsWith(reservedPath))
      throw misuse(`${uri} is the authority's own`);
  }
  return names;
}

/** SPIFFE IDs below that path are authorities', which tell by them who they are. */
export const reservedPath = "/kemistry/";

const tokenId = (secret: string): string => createHash("sha256").update(secret).digest("hex");

const after = (lifetime: number): string => new Date(Date.now() + lifetime).toISOString();

const refused = (message: string): AuthorityError => new AuthorityError("refused", message);
const misuse = (message: string): AuthorityError => new AuthorityError("misuse", message);
