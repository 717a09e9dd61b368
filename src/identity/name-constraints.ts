import { TlsError } from "../registry/index.ts";
import type { Certificate } from "./certificate.ts";
import { type DistinguishedName, isWithin } from "./distinguished-name.ts";
import type { NameConstraints } from "./extensions.ts";
import type { GeneralNames } from "./general-name.ts";
import { parseIpAddress } from "./names.ts";
import { AttributeOid } from "./oids.ts";

/**
 * Checks the names of a certificate against the constraints of every CA above it (RFC 5280
 * §4.2.1.10, §6.1.3 (b) and (c)). Each CA's permitted subtrees must hold: that is the intersection.
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
    checkKind("dNSName", names.dns, permitted.dns, excluded.dns, dnsWithin, dnsTouches, where);
    checkKind(
      "rfc822Name",
      names.email,
      permitted.email,
      excluded.email,
      emailWithin,
      emailWithin,
      where,
    );
    checkKind("URI", names.uri, permitted.uri, excluded.uri, uriWithin, uriWithin, where);
    checkKind("iPAddress", names.ip, permitted.ip, excluded.ip, ipWithin, ipWithin, where);
    checkKind(
      "directoryName",
      names.directory,
      permitted.directory,
      excluded.directory,
      isWithin,
      isWithin,
      where,
    );
    // RFC 5280 §4.2.1.10: a constraint on a form that is not processed rejects names of that form.
    const unprocessed = [...permitted.other, ...excluded.other].map(({ tag }) => tag);
    if (names.other.some(({ tag }) => unprocessed.includes(tag))) {
      throw violation("a name of a form that is constrained and cannot be checked", where);
    }
  }
}

/** As many as Go's crypto/x509 allows: a chain must not cost more to check than to send. */
const maxComparisons = 250_000;

function checkKind<Name, Base>(
  form: string,
  names: readonly Name[],
  permitted: readonly Base[],
  excluded: readonly Base[],
  within: (name: Name, base: Base) => boolean,
  touches: (name: Name, base: Base) => boolean,
  where: string,
): void {
  for (const name of names) {
    if (excluded.some((base) => touches(name, base))) {
      throw violation(`the ${form} ${print(name)} is excluded by a CA's name constraints`, where);
    }
    if (permitted.length > 0 && !permitted.some((base) => within(name, base))) {
      throw violation(`the ${form} ${print(name)} is not among those that a CA may name`, where);
    }
  }
}

/** The subject counts as a directoryName, and its e-mail addresses if there is no subjectAltName. */
function namesOf(certificate: Certificate): GeneralNames {
  const { subject, subjectAltNames } = certificate;
  const names = subjectAltNames ?? {
    dns: [],
    ip: [],
    uri: [],
    email: subject.valuesOf(AttributeOid.emailAddress),
    directory: [],
    other: [],
  };
  if (subject.comparable.length === 0) return names;
  return { ...names, directory: [...names.directory, subject] };
}

const size = (names: GeneralNames): number =>
  Object.values(names as unknown as Record<string, readonly unknown[]>).reduce(
    (sum, list) => sum + list.length,
    0,
  );

/** Zero or more labels more on the left; a leading dot, which the RFC does not give here, means one or more. */
function dnsWithin(name: string, base: string): boolean {
  const host = name.toLowerCase();
  const suffix = base.toLowerCase();
  if (suffix === "") return true;
  return suffix.startsWith(".")
    ? host.endsWith(suffix)
    : host === suffix || host.endsWith(`.${suffix}`);
}

/** Whether a name, or one that its wildcard stands for, lies within the base. */
function dnsTouches(name: string, base: string): boolean {
  const parent = base.toLowerCase().replace(/^\.?[^.]*\./, "");
  return dnsWithin(name, base) || name.toLowerCase() === `*.${parent}`;
}

/** One mailbox, all mailboxes of a host, or with a leading dot of all hosts below a domain. */
function emailWithin(name: string, base: string): boolean {
  const at = name.lastIndexOf("@");
  const host = name.slice(at + 1);
  if (!base.includes("@")) return hostWithin(host, base);
  const baseAt = base.lastIndexOf("@");
  // RFC 5321 §2.4: the local part is case-sensitive.
  return name.slice(0, at) === base.slice(0, baseAt) && hostWithin(host, base.slice(baseAt + 1));
}

/**
 * The host of the URI alone. One without a host, or with an IP address for it, cannot satisfy or
 * escape a constraint (RFC 5280 §4.2.1.10: reject).
 */
function uriWithin(name: string, base: string): boolean {
  const host = /^[^:/?#]+:\/\/(?:[^/?#@]*@)?([^/?#:[\]]+)(?::\d*)?(?:[/?#]|$)/.exec(name)?.[1];
  if (host === undefined || parseIpAddress(host) !== undefined) {
    throw new TlsError("bad_certificate", "a URI without a host name under name constraints", {
      received: JSON.stringify(name),
      section: "RFC 5280 §4.2.1.10",
    });
  }
  return hostWithin(host, base);
}

/** Exactly this host, or with a leading dot any host below. */
function hostWithin(host: string, base: string): boolean {
  const own = host.toLowerCase();
  const suffix = base.toLowerCase();
  return suffix.startsWith(".") ? own.endsWith(suffix) : suffix === "" || own === suffix;
}

/** The base is an address and a mask of the same length. */
function ipWithin(address: Uint8Array, base: Uint8Array): boolean {
  const { length } = address;
  return (
    base.length === 2 * length &&
    address.every((octet, at) => (octet & base[length + at]!) === (base[at]! & base[length + at]!))
  );
}

function print(name: unknown): string {
  if (name instanceof Uint8Array) return name.join(".");
  return JSON.stringify(typeof name === "string" ? name : (name as DistinguishedName).text);
}

const violation = (message: string, where: string): TlsError =>
  new TlsError("bad_certificate", message, { where, section: "RFC 5280 §4.2.1.10" });
