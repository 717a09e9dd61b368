import { TlsError } from "../../registry/index.ts";
import { equal } from "../../wire/index.ts";
import type { Certificate } from "./certificate.ts";
import { hostForm, presentedHost } from "./name-forms.ts";

/** Who the peer should be: RFC 9525's reference identity. */
export type ReferenceName =
  /** A host name in lower case, without a dot at its end. */
  | { readonly kind: "dns"; readonly host: string }
  | { readonly kind: "ip"; readonly address: Uint8Array };

/**
 * Reads a host name or an IP address (`[::1]` too).
 * @throws TlsError `misuse` for what is neither; an internationalised name must be given as A-labels (RFC 9525 §6.3)
 */
export function parseReferenceName(name: string): ReferenceName {
  const address = parseIpAddress(name.replace(/^\[(.*)\]$/, "$1"));
  if (address !== undefined) return { kind: "ip", address };
  const host = hostForm(name);
  if (host === undefined) {
    throw new TlsError(
      "misuse",
      `${JSON.stringify(name)} is neither a host name in A-labels nor an IP address; ` +
        "write an internationalised name as new URL(`https://${name}`).hostname gives it",
      { section: "RFC 9525 §6.3" },
    );
  }
  return { kind: "dns", host };
}

/**
 * Whether the certificate is valid for that name (RFC 9525 §6). Only subjectAltName counts, a common
 * name never does, and an IP address never matches a dNSName.
 */
export function matchesName(certificate: Certificate, name: ReferenceName): boolean {
  const { dns = [], ip = [] } = certificate.subjectAltNames ?? {};
  if (name.kind === "ip") return ip.some((address) => equal(address, name.address));
  return dns.some((presented) => matchesDns(presented, name.host));
}

/** What the certificate says that it is for, as text for messages. */
export function presentedNames(certificate: Certificate): string[] {
  const { dns = [], ip = [] } = certificate.subjectAltNames ?? {};
  return [...dns, ...ip.map(printIpAddress)];
}

/** What the certificate is valid for, in normal form; what is not a name is left out. */
export function validNames({ subjectAltNames }: Certificate): string[] {
  const { dns = [], ip = [] } = subjectAltNames ?? {};
  const hosts = dns.flatMap((presented) => {
    const { host, isWildcard = false } = presentedHost(presented) ?? {};
    if (host === undefined || (isWildcard && !host.includes("."))) return [];
    return [isWildcard ? `*.${host}` : host];
  });
  return [...hosts, ...ip.map(printIpAddress)];
}

/** 4 bytes for dotted decimal, 16 for the forms of RFC 4291 §2.2; `undefined` for anything else. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (!text.includes(":")) return parseIpv4(text);
  // An IPv4 address may stand for the last two groups.
  const last = text.slice(text.lastIndexOf(":") + 1);
  const ipv4 = last.includes(".") ? parseIpv4(last) : new Uint8Array();
  if (ipv4 === undefined) return undefined;
  const groupsOf = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const front = ipv4.length === 0 ? text : text.slice(0, -last.length) + "0:0";
  const halves = front.split("::").map(groupsOf);
  const count = halves.flat().length;
  // "::" stands for at least one group, and only once.
  if (halves.length > 2 || (halves.length === 2 ? count > 7 : count !== 8)) return undefined;
  const zeros = Array.from({ length: 8 - count }, () => "0");
  const groups = [...(halves[0] ?? []), ...zeros, ...(halves[1] ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const address = Uint8Array.from(
    groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]),
  );
  address.set(ipv4, 16 - ipv4.length);
  return address;
}

/** RFC 5952 without the compression of zeros, which is for people. */
export function printIpAddress(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  return Array.from({ length: address.length >> 1 }, (_, group) =>
    (address[2 * group]! * 256 + address[2 * group + 1]!).toString(16),
  ).join(":");
}

/**
 * RFC 9525 §6.3: in normal form; a wildcard stands for exactly one label. It needs two labels more, so
 * that no one owns `*.com`.
 */
function matchesDns(presented: string, host: string): boolean {
  // The common case needs no parsing: what equals a host name is one
  if (presented === host) return true;
  const own = presentedHost(presented);
  if (own === undefined) return false;
  if (!own.isWildcard) return own.host === host;
  return own.host.includes(".") && host.slice(host.indexOf(".") + 1) === own.host;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const numbers = text.split(".");
  const valid =
    numbers.length === 4 &&
    numbers.every((number) => /^(?:0|[1-9]\d{0,2})$/.test(number) && Number(number) <= 255);
  return valid ? Uint8Array.from(numbers, Number) : undefined;
}
