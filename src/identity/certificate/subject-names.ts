import { TlsError } from "../../registry/index.ts";
import { primitive } from "../der/der-tags.ts";
import { ascii, der } from "../der/der-writer.ts";
import { type GeneralNames, noNames } from "./general-name.ts";
import { mailboxForm, presentedHost } from "./name-forms.ts";
import { parseIpAddress, printIpAddress } from "./names.ts";
import { parseSpiffeId } from "./spiffe.ts";

/** Names for subjectAltName, as text. */
export interface SubjectNames {
  /** Host names; `*.example.org` stands for one label. */
  readonly dns?: readonly string[];
  /** IPv4 or IPv6 addresses, as text. */
  readonly ip?: readonly string[];
  /** A SPIFFE ID is one of these. */
  readonly uri?: readonly string[];
  /** Mailboxes. */
  readonly email?: readonly string[];
}

/** Tells host names, IP addresses, e-mail addresses and URIs by their form. */
export function sortNames(names: readonly string[]): Required<SubjectNames> {
  const kindOf = (name: string): keyof SubjectNames => {
    if (parseIpAddress(name) !== undefined) return "ip";
    if (name.includes("://")) return "uri";
    return name.includes("@") ? "email" : "dns";
  };
  const sorted = { dns: [], ip: [], uri: [], email: [] } as Record<keyof SubjectNames, string[]>;
  for (const name of names) sorted[kindOf(name)].push(name);
  return sorted;
}

/** The names of a certificate or a request as text; other forms than the four are left out. */
export const printNames = (names: GeneralNames | undefined): Required<SubjectNames> => ({
  dns: names?.dns ?? [],
  ip: names?.ip.map(printIpAddress) ?? [],
  uri: names?.uri ?? [],
  email: names?.email ?? [],
});

/** The reverse of {@link printNames}. @throws TlsError `misuse` for what is not an IP address */
export const toGeneralNames = ({
  dns = [],
  ip = [],
  uri = [],
  email = [],
}: SubjectNames): GeneralNames => ({
  ...noNames(),
  dns,
  ip: ip.map(addressOf),
  uri,
  email,
});

/**
 * The GeneralName of each; whether a name is well formed is {@link checkNameForms}' business, so that
 * laboratories can issue what is not.
 * @throws TlsError `misuse` for characters that GeneralName does not hold
 */
export function encodeNames(names: SubjectNames): Uint8Array[] {
  const { dns = [], ip = [], uri = [], email = [] } = names;
  return [
    ...dns.map((name) => der(primitive(2), ia5(name))),
    ...ip.map((address) => der(primitive(7), addressOf(address))),
    ...uri.map((name) => der(primitive(6), ia5(name))),
    ...email.map((name) => der(primitive(1), ia5(name))),
  ];
}

/** How a name of each kind is written (RFC 5280 §4.2.1.6, RFC 9525 §6.3). */
const forms: Readonly<Record<keyof SubjectNames, (name: string) => boolean>> = {
  /** A host name, which may begin with a wildcard label. */
  dns: (name) => presentedHost(name) !== undefined && !name.endsWith("."),
  ip: (name) => parseIpAddress(name) !== undefined,
  uri: (name) => isUri(name),
  email: (name) => mailboxForm(name) !== undefined && !name.endsWith("."),
};

/** What claims to be a SPIFFE ID must be one, and of a workload. */
function isUri(name: string): boolean {
  if (!/^spiffe:/i.test(name)) return /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(name);
  return parseSpiffeId(name).path !== "";
}

/**
 * Checks that names are what they are said to be.
 * @throws TlsError `misuse`
 */
export function checkNameForms(names: SubjectNames, where = "names"): void {
  for (const [kind, isOfForm] of Object.entries(forms)) {
    for (const name of names[kind as keyof SubjectNames] ?? []) {
      const place = { where: `${where}.${kind}`, section: "RFC 5280 §4.2.1.6" };
      let valid: boolean;
      try {
        valid = isOfForm(name);
      } catch (cause) {
        if (!(cause instanceof TlsError)) throw cause;
        throw new TlsError("misuse", cause.message, { ...place, cause });
      }
      if (!valid) throw new TlsError("misuse", `${JSON.stringify(name)} is malformed`, place);
    }
  }
}

function addressOf(text: string): Uint8Array {
  const address = parseIpAddress(text);
  if (address !== undefined) return address;
  throw new TlsError("misuse", `${JSON.stringify(text)} is not an IP address`);
}

/** RFC 5280 §7.2: internationalised names are A-labels. */
function ia5(text: string): Uint8Array {
  if (/^[\x21-\x7e]+$/.test(text)) return ascii(text);
  throw new TlsError("misuse", "names in certificates are printable ASCII", {
    received: JSON.stringify(text),
    section: "RFC 5280 §7.2",
  });
}
