/**
 * One normal form for each kind of name. Matching, name constraints and issuing compare nothing else, so
 * that no name is one thing to the one and another to the other. What has no form is nobody's name.
 */

/**
 * A host name in lower case and without the dot at its end: labels of letters, digits, hyphens and
 * underscores, an internationalised one in A-labels. `undefined` for anything else, wildcards and what
 * URL parsers would read as an IPv4 address too.
 */
export function hostForm(text: string): string | undefined {
  const host = (text.endsWith(".") ? text.slice(0, -1) : text).toLowerCase();
  const valid = host.length <= 253 && labels.test(host) && !/(?:^|\.)\d+$/.test(host);
  return valid ? host : undefined;
}

const label = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const labels = new RegExp(`^${label}(?:\\.${label})*$`);

/** A dNSName of a certificate: the host, and whether any one label may stand before it. */
export interface PresentedHost {
  readonly host: string;
  readonly isWildcard: boolean;
}

/** RFC 9525 §6.3: a wildcard is the complete left-most label. */
export function presentedHost(text: string): PresentedHost | undefined {
  const isWildcard = text.startsWith("*.");
  const host = hostForm(isWildcard ? text.slice(2) : text);
  return host === undefined ? undefined : { host, isWildcard };
}

export interface Mailbox {
  /** As it is meant: without the quotes that it may be written in. Its case counts (RFC 5321 §2.4). */
  readonly local: string;
  readonly host: string;
}

/** RFC 5321 §4.1.2: a local part, which may be quoted, and a domain; not an address literal. */
export function mailboxForm(text: string): Mailbox | undefined {
  const at = text.lastIndexOf("@");
  const host = hostForm(text.slice(at + 1));
  const local = localPart(text.slice(0, Math.max(at, 0)));
  return host === undefined || local === undefined ? undefined : { local, host };
}

function localPart(text: string): string | undefined {
  const atom = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
  if (atom.test(text)) return text;
  const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*)"$/.exec(text)?.[1];
  return quoted?.replaceAll(/\\(.)/g, "$1");
}

/**
 * The host that a URI names (RFC 3986 §3.2.2), percent-encoding undone; `undefined` for one that has
 * none, or an IP address in its place.
 */
export function uriHost(text: string): string | undefined {
  const encoded = uriParts.exec(text)?.[2];
  const host = encoded?.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return host === undefined ? undefined : hostForm(host);
}

/** RFC 5280 §7.4: the same resource, in as far as scheme and host tell. */
export function uriForm(text: string): string {
  const host = uriHost(text);
  const [, before = "", , after = ""] = uriParts.exec(text) ?? [];
  if (host === undefined) return text;
  const schemeEnd = before.indexOf(":");
  return before.slice(0, schemeEnd).toLowerCase() + before.slice(schemeEnd) + host + after;
}

/** What stands before the host, the host, and what stands after it. Nothing that parsers read in two ways. */
const uriParts =
  /^([a-z][a-z0-9+.-]*:\/\/(?:[\w.~%!$&'()*+,;=:-]*@)?)([\w.~%!$&'()*+,;=-]+)((?::\d*)?(?:[/?#][\x21-\x7e]*)?)$/i;

/**
 * An address, and where it is an IPv4 address within IPv6 (RFC 4291 §2.5.5.2) that address too: a
 * connection to either leads to the same host.
 */
export const addressForms = (address: Uint8Array): readonly Uint8Array[] =>
  address.length === 16 && isMapped(address) ? [address, address.subarray(12)] : [address];

const isMapped = (address: Uint8Array): boolean =>
  address.subarray(0, 10).every((octet) => octet === 0) &&
  address[10] === 0xff &&
  address[11] === 0xff;
