import { DecodeError, toHex } from "../../wire/index.ts";
import type { DerReader } from "../der/der-reader.ts";
import { constructed, primitive } from "../der/der-tags.ts";
import { type DistinguishedName, readRelativeName } from "./distinguished-name.ts";
import { type GeneralNames, readGeneralNames } from "./general-name.ts";
import { hostForm, mailboxForm, uriForm } from "./name-forms.ts";

/** Bits of ReasonFlags (RFC 5280 §4.2.1.13); bit 0 is unused. */
export type Reasons = ReadonlySet<number>;

/** All reasons that a distribution point can be limited to. */
export const allReasons: Reasons = new Set([1, 2, 3, 4, 5, 6, 7, 8]);

/** DistributionPointName (RFC 5280 §4.2.1.13). */
export type DistributionPointName =
  | { readonly full: GeneralNames }
  /** A comparable RDN below the CRL issuer's name. */
  | { readonly relative: string };

/** RFC 5280 §4.2.1.13. */
export interface DistributionPoint {
  /** Where the list is. Absent: `crlIssuer` alone says it. */
  readonly name?: DistributionPointName;
  /** For which reasons of revocation. Absent: all. */
  readonly reasons?: Reasons;
  /** Who signs the list. Absent: the certificate's issuer. */
  readonly crlIssuer?: GeneralNames;
}

/** RFC 5280 §5.2.5. */
export interface IssuingDistributionPoint {
  /** Where the list is; absent if it does not say. */
  readonly name?: DistributionPointName;
  /** The list is about end-entity certificates alone. */
  readonly onlyContainsUserCerts: boolean;
  /** The list is about CA certificates alone. */
  readonly onlyContainsCaCerts: boolean;
  /** For which reasons of revocation. Absent: all. */
  readonly onlySomeReasons?: Reasons;
  /** Entries may be of other issuers than the list. */
  readonly indirectCrl: boolean;
  /** The list is about attribute certificates alone. */
  readonly onlyContainsAttributeCerts: boolean;
}

/** Reads CRLDistributionPoints to the end of the contents. */
export function readDistributionPoints(reader: DerReader): DistributionPoint[] {
  return reader.each(1, (item, at) =>
    item.sequence(at, (point) => {
      const fields = {
        ...readPointName(point),
        ...optional("reasons", readReasons(point, primitive(1), "reasons")),
        ...optional("crlIssuer", point.optional(constructed(2), "cRLIssuer", readGeneralNames)),
      };
      // RFC 5280 §4.2.1.13: not the reasons alone.
      if (!("name" in fields) && !("crlIssuer" in fields)) {
        throw new DecodeError("has neither distributionPoint nor cRLIssuer (RFC 5280 §4.2.1.13)");
      }
      return fields;
    }),
  );
}

/** Reads the fields of an IssuingDistributionPoint. */
export function readIssuingDistributionPoint(reader: DerReader): IssuingDistributionPoint {
  const flag = (tag: number, field: string): boolean =>
    reader.tag === primitive(tag) && reader.boolean(field, primitive(tag));
  return {
    ...readPointName(reader),
    onlyContainsUserCerts: flag(1, "onlyContainsUserCerts"),
    onlyContainsCaCerts: flag(2, "onlyContainsCACerts"),
    ...optional("onlySomeReasons", readReasons(reader, primitive(3), "onlySomeReasons")),
    indirectCrl: flag(4, "indirectCRL"),
    onlyContainsAttributeCerts: flag(5, "onlyContainsAttributeCerts"),
  };
}

/**
 * The names of a distribution point as strings that are equal for equal names.
 * @param issuer of the CRL: what a relative name is relative to
 */
export function pointKeys(name: DistributionPointName, issuer: DistinguishedName): string[] {
  return "full" in name ? generalKeys(name.full) : [`directory ${issuer.key}\n${name.relative}`];
}

/** General names as strings that are equal for equal names. */
export const generalKeys = (names: GeneralNames): string[] => [
  ...names.directory.map((each) => `directory ${each.key}`),
  ...names.uri.map((each) => `uri ${uriForm(each)}`),
  ...names.dns.map((each) => `dns ${hostForm(each) ?? each}`),
  ...names.email.map((each) => `email ${JSON.stringify(mailboxForm(each) ?? each)}`),
  ...names.ip.map((each) => `ip ${toHex(each)}`),
];

/** distributionPoint [0], explicit because it is a CHOICE. */
function readPointName(reader: DerReader): { readonly name?: DistributionPointName } {
  const name = reader.optional(constructed(0), "distributionPoint", (inner) =>
    inner.tag === constructed(0)
      ? { full: inner.read(constructed(0), "fullName", readGeneralNames) }
      : { relative: readRelativeName(inner, "nameRelativeToCRLIssuer", constructed(1)) },
  );
  return optional("name", name);
}

function readReasons(reader: DerReader, tag: number, field: string): Reasons | undefined {
  if (reader.tag !== tag) return undefined;
  return new Set(reader.namedBits(field, tag).filter((bit) => allReasons.has(bit)));
}

function optional<Name extends string, T>(name: Name, value: T | undefined): { [N in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [N in Name]?: T });
}
