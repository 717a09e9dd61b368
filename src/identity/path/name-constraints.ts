import { TlsError } from "../../registry/index.ts";
import { equal } from "../../wire/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { constructed } from "../der/der-tags.ts";
import { oid } from "../der/der-writer.ts";
import { type DistinguishedName, isWithin } from "../certificate/distinguished-name.ts";
import type { NameConstraints } from "../certificate/extensions.ts";
import { type GeneralNames, noNames, type OtherName } from "../certificate/general-name.ts";
import {
  addressForms,
  hostForm,
  type Mailbox,
  mailboxForm,
  type PresentedHost,
  presentedHost,
  uriHost,
} from "../certificate/name-forms.ts";
import { AttributeOid, OtherNameOid } from "../der/oids.ts";

/**
 * Checks the names of a certificate against the constraints of every CA above it (RFC 5280
 * §4.2.1.10, §6.1.3 (b) and (c)). Each CA's permitted subtrees must hold: that is the intersection.
 * Both sides are compared in the normal forms that matching uses too; a name or a constraint that has
 * none refuses.
 * @throws TlsError `bad_certificate`
 */
export function checkNames(
  certificate: Certificate,
  constraints: readonly NameConstraints[],
  where: string,
): void {
  if (constraints.length > 0) checkGeneralNames(namesOf(certificate), constraints, where);
}

/** As {@link checkNames}, for names that stand in no certificate yet. */
export function checkGeneralNames(
  names: GeneralNames,
  constraints: readonly NameConstraints[],
  where: string,
): void {
  const work = constraints.reduce(
    (sum, each) => sum + size(each.permitted) + size(each.excluded),
    0,
  );
  if (work * size(names) > maxComparisons) {
    throw violation("too many names and name constraints to compare", where);
  }
  for (const { permitted, excluded } of constraints) {
    checkKind(dns, names.dns, { permitted: permitted.dns, excluded: excluded.dns }, where);
    checkKind(email, names.email, { permitted: permitted.email, excluded: excluded.email }, where);
    checkKind(uri, names.uri, { permitted: permitted.uri, excluded: excluded.uri }, where);
    checkKind(ip, names.ip, { permitted: permitted.ip, excluded: excluded.ip }, where);
    checkKind(
      directory,
      names.directory,
      { permitted: permitted.directory, excluded: excluded.directory },
      where,
    );
    // RFC 5280 §4.2.1.10: a constraint on a form that is not processed rejects names of that form.
    const unprocessed = [...permitted.other, ...excluded.other].map(({ tag }) => tag);
    // RFC 9598 §6: constraints on mailboxes are for those in UTF-8 too.
    const limitsMailboxes = permitted.email.length + excluded.email.length > 0;
    if (
      names.other.some(
        (name) => unprocessed.includes(name.tag) || (limitsMailboxes && isUtf8Mailbox(name)),
      )
    ) {
      throw violation("a name of a form that is constrained and cannot be checked", where);
    }
  }
}

/** As many as Go's crypto/x509 allows: a chain must not cost more to check than to send. */
const maxComparisons = 250_000;

/** How names of one kind are read and compared. */
interface Kind<Text, Name, Base> {
  readonly form: string;
  /** The normal form of a name; `undefined` for what is not a name of this kind. */
  name(text: Text): Name | undefined;
  /** The normal form of a constraint; `undefined` for what cannot be understood. */
  base(text: Text): Base | undefined;
  /** Whether all that the name stands for lies within the base. */
  isWithin(name: Name, base: Base): boolean;
  /** Whether something that the name stands for lies within the base. Default: as `isWithin`. */
  touches?(name: Name, base: Base): boolean;
}

function checkKind<Text, Name, Base>(
  kind: Kind<Text, Name, Base>,
  texts: readonly Text[],
  subtrees: { readonly permitted: readonly Text[]; readonly excluded: readonly Text[] },
  where: string,
): void {
  if (texts.length === 0) return;
  const [permitted, excluded] = [subtrees.permitted, subtrees.excluded].map((bases) =>
    bases.map((text) => understand(kind, text, where)),
  ) as [Base[], Base[]];
  if (permitted.length + excluded.length === 0) return;
  for (const text of texts) {
    const name = kind.name(text);
    if (name === undefined) {
      throw violation(`the ${kind.form} ${print(text)} cannot be held against a constraint`, where);
    }
    if (excluded.some((base) => (kind.touches ?? kind.isWithin)(name, base))) {
      throw violation(
        `the ${kind.form} ${print(text)} is excluded by a CA's name constraints`,
        where,
      );
    }
    if (permitted.length > 0 && !permitted.some((base) => kind.isWithin(name, base))) {
      throw violation(
        `the ${kind.form} ${print(text)} is not among those that a CA may name`,
        where,
      );
    }
  }
}

function understand<Text, Base>(
  { form, base }: Pick<Kind<Text, unknown, Base>, "form" | "base">,
  text: Text,
  where: string,
): Base {
  const understood = base(text);
  if (understood !== undefined) return understood;
  throw violation(`the constraint ${print(text)} on a ${form} cannot be understood`, where);
}

/** A part of the tree of host names; that of the empty host is all of it. */
interface Domain {
  readonly host: string;
  /** Whether the host itself belongs to it. */
  readonly self: boolean;
  /** Whether those below it do. */
  readonly below: boolean;
}

const everyHost: Domain = { host: "", self: true, below: true };

/**
 * A host and all below it; a leading dot, which the RFC does not give here, means all below it alone.
 * `undefined` for what cannot be understood.
 */
export function dnsDomain(text: string): Domain | undefined {
  if (text === "") return everyHost;
  const self = !text.startsWith(".");
  const host = hostForm(self ? text : text.slice(1));
  return host === undefined ? undefined : { host, self, below: true };
}

/** For URIs and mailboxes: a host alone, or with a leading dot all below it. */
export function hostDomain(text: string): Domain | undefined {
  const domain = dnsDomain(text);
  return domain === undefined || domain === everyHost ? domain : { ...domain, below: !domain.self };
}

const isBelow = (host: string, { host: above, below }: Domain): boolean =>
  below && (above === "" || host.endsWith(`.${above}`));

const isHostWithin = (host: string, domain: Domain): boolean =>
  (domain.self && host === domain.host) || isBelow(host, domain);

const dns: Kind<string, PresentedHost, Domain> = {
  form: "dNSName",
  name: presentedHost,
  base: dnsDomain,
  isWithin: ({ host, isWildcard }, domain) =>
    isWildcard ? isBelow(`*.${host}`, domain) : isHostWithin(host, domain),
  touches: ({ host, isWildcard }, domain) =>
    isWildcard
      ? isBelow(`*.${host}`, domain) || (domain.self && isOneBelow(domain.host, host))
      : isHostWithin(host, domain),
};

/** Whether a host is the other with one label more. */
const isOneBelow = (host: string, other: string): boolean =>
  host.slice(host.indexOf(".") + 1) === other;

/** One mailbox, all mailboxes of a host, or with a leading dot of all hosts below a domain. */
const email: Kind<string, Mailbox, Mailbox | Domain> = {
  form: "rfc822Name",
  name: mailboxForm,
  base: mailboxDomain,
  isWithin: ({ local, host }, base) =>
    "local" in base ? local === base.local && host === base.host : isHostWithin(host, base),
  // Most hosts do not tell the cases of a mailbox apart, so that one in another case is excluded too.
  touches: ({ local, host }, base) =>
    "local" in base
      ? local.toLowerCase() === base.local.toLowerCase() && host === base.host
      : isHostWithin(host, base),
};

export function mailboxDomain(text: string): Mailbox | Domain | undefined {
  return text.includes("@") ? mailboxForm(text) : hostDomain(text);
}

/**
 * The host of the URI alone. One without a host, or with an IP address for it, cannot satisfy or
 * escape a constraint (RFC 5280 §4.2.1.10: reject).
 */
const uri: Kind<string, string, Domain> = {
  form: "URI",
  name: uriHost,
  base: hostDomain,
  isWithin: isHostWithin,
};

/** The base is an address and a mask of the same length. */
const ip: Kind<Uint8Array, Uint8Array, Uint8Array> = {
  form: "iPAddress",
  name: (address) => address,
  base: (base) => (isPrefix(base.subarray(base.length >> 1)) ? base : undefined),
  isWithin: isAddressWithin,
  touches: (address, base) => addressForms(address).some((form) => isAddressWithin(form, base)),
};

function isAddressWithin(address: Uint8Array, base: Uint8Array): boolean {
  const { length } = address;
  return (
    base.length === 2 * length &&
    address.every((octet, at) => (octet & base[length + at]!) === (base[at]! & base[length + at]!))
  );
}

/** Whether all ones of a mask stand before its zeros (RFC 4632 §3.1). */
const isPrefix = (mask: Uint8Array): boolean =>
  /^1*0*$/.test(Array.from(mask, (octet) => octet.toString(2).padStart(8, "0")).join(""));

const directory: Kind<DistinguishedName, DistinguishedName, DistinguishedName> = {
  form: "directoryName",
  name: (name) => name,
  base: (name) => name,
  isWithin,
};

/** The subject counts as a directoryName, and its e-mail addresses as such. */
function namesOf({ subject, subjectAltNames = noNames() }: Certificate): GeneralNames {
  if (subject.key === "") return subjectAltNames;
  return {
    ...subjectAltNames,
    // RFC 5280 §4.2.1.10 asks for it where there is no subjectAltName; an address is one in either place.
    email: [...subjectAltNames.email, ...subject.valuesOf(AttributeOid.emailAddress)],
    directory: [...subjectAltNames.directory, subject],
  };
}

const size = (names: GeneralNames): number =>
  Object.values(names as unknown as Record<string, readonly unknown[]>).reduce(
    (sum, list) => sum + list.length,
    0,
  );

const utf8Mailbox = oid(OtherNameOid.smtpUtf8Mailbox);

const isUtf8Mailbox = ({ tag, value }: OtherName): boolean =>
  tag === constructed(0) && equal(value.subarray(0, utf8Mailbox.length), utf8Mailbox);

function print(name: unknown): string {
  if (name instanceof Uint8Array) return name.join(".");
  return JSON.stringify(typeof name === "string" ? name : (name as DistinguishedName).text);
}

const violation = (message: string, where: string): TlsError =>
  new TlsError("bad_certificate", message, { where, section: "RFC 5280 §4.2.1.10" });
