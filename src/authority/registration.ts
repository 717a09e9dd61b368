/** Registrations: which name may have which certificate, and from whom. */
import {
  hostForm,
  keyTypeNames,
  parseIpAddress,
  parseSpiffeId,
  type SubjectNames,
} from "../identity/index.ts";
import type { KeyType } from "../crypto/index.ts";
import * as option from "../identity/certificate/option-checks.ts";
import * as check from "../registry/check.ts";
import { chooseAuthority, chooseProfile } from "./choose.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import type { Registered } from "./lines.ts";
import * as given from "./option-checks.ts";

/** What a name is to have. */
export interface RegisterOptions {
  /** How the directory is to call the subject. */
  readonly name: string;
  /** Who certifies it. Default: the only authority, or the only one below a root. */
  readonly issuer?: string | undefined;
  /** Default: `peer`. */
  readonly profile?: string | undefined;
  /** Names for subjectAltName: all of them, and no other. */
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

/** Milliseconds after the end of a certificate in which it can still be renewed; 0 if nobody may. */
export function graceOf(pki: PkiDirectory, serial: string): number {
  const entry = pki.records.find(serial);
  return entry === undefined ? 0 : (pki.records.registration(entry.name)?.grace ?? 0);
}

/** @throws AuthorityError `refused` */
export function registrationOf(pki: PkiDirectory, name: string): Registered {
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
    if (hostForm(dns) === undefined) throw misuse(`${dns} is not a host name`);
  for (const ip of names.ip ?? [])
    if (parseIpAddress(ip) === undefined) throw misuse(`${ip} is not an address`);
  for (const uri of names.uri ?? []) {
    if (!uri.startsWith("spiffe://")) continue;
    if (parseSpiffeId(uri).path.startsWith(reservedPath))
      throw misuse(`${uri} is the authority's own`);
  }
  return names;
}

/** What the authority calls itself: no registration can. */
export const serviceName = "kemistry-authority";

/** SPIFFE IDs below that path are authorities', which tell by them who they are. */
export const reservedPath = "/kemistry/";

const refused = (message: string): AuthorityError => new AuthorityError("refused", message);
const misuse = (message: string): AuthorityError => new AuthorityError("misuse", message);
