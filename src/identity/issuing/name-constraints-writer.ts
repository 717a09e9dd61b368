import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import { concat } from "../../wire/index.ts";
import { constructed, primitive } from "../der/der-tags.ts";
import { ascii, der, sequence } from "../der/der-writer.ts";
import { critical } from "../certificate/extension-writer.ts";
import * as option from "../certificate/option-checks.ts";
import type { RawExtension } from "../certificate/extensions.ts";
import { dnsDomain, hostDomain, mailboxDomain } from "../path/name-constraints.ts";
import { parseIpAddress } from "../certificate/names.ts";
import { ExtensionOid } from "../der/oids.ts";
import type { SubjectNames } from "../certificate/subject-names.ts";

/**
 * What a CA and those below it may name, or may not: a host name stands for itself and all below it,
 * `10.0.0.0/8` for addresses; for URIs and e-mail a host is that host alone, and `.example.com` every
 * host below.
 */
export interface NameLimits {
  /** What may be named; kinds that are absent are not limited. */
  readonly permitted?: SubjectNames;
  /** What may not be named. */
  readonly excluded?: SubjectNames;
}

/** As {@link NameLimits}. */
export const nameLimits = check.options({
  permitted: option.names,
  excluded: option.names,
} satisfies check.OptionTable<NameLimits>);

/**
 * The extension nameConstraints (RFC 5280 §4.2.1.10).
 * @throws TypeError for what is not a limit; TlsError `misuse` if there is no limit at all, or one that is malformed
 */
export function nameConstraints(limits: NameLimits): RawExtension {
  nameLimits(limits, "nameConstraints");
  return critical(ExtensionOid.nameConstraints, encodeLimits(limits));
}

export function encodeLimits({ permitted = {}, excluded = {} }: NameLimits): Uint8Array {
  const subtrees = [...encodeSubtrees(0, permitted), ...encodeSubtrees(1, excluded)];
  if (subtrees.length === 0) {
    throw new TlsError("misuse", "name constraints must not be empty", {
      section: "RFC 5280 §4.2.1.10",
    });
  }
  return sequence(...subtrees);
}

function encodeSubtrees(tag: number, names: SubjectNames): Uint8Array[] {
  const { dns = [], ip = [], uri = [], email = [] } = names;
  const bases = [
    ...dns.map((base) => der(primitive(2), understood(base, dnsDomain))),
    ...ip.map((base) => der(primitive(7), range(base))),
    ...uri.map((base) => der(primitive(6), understood(base, hostDomain))),
    ...email.map((base) => der(primitive(1), understood(base, mailboxDomain))),
  ];
  return bases.length === 0 ? [] : [der(constructed(tag), ...bases.map((base) => sequence(base)))];
}

/** Nothing that those who verify would not understand. */
function understood(base: string, read: (base: string) => unknown): Uint8Array {
  if (read(base) !== undefined) return ascii(base);
  throw invalid(base, "base for name constraints");
}

/** An address and its mask: `192.0.2.0/24`, `2001:db8::/32`; without a length all of it counts. */
function range(text: string): Uint8Array {
  const [, address = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const octets = parseIpAddress(address);
  const bits = Number(length ?? 8 * (octets?.length ?? 0));
  if (octets === undefined || bits > 8 * octets.length)
    throw invalid(text, "range of IP addresses");
  const mask = octets.map((_, at) => {
    const ones = Math.min(8, Math.max(0, bits - 8 * at));
    return 0xff & (0xff00 >> ones);
  });
  return concat(
    octets.map((octet, at) => octet & mask[at]!),
    mask,
  );
}

const invalid = (text: string, form: string): TlsError =>
  new TlsError("misuse", `${JSON.stringify(text)} is not a ${form}`, {
    section: "RFC 5280 §4.2.1.10",
  });
