import { DecodeError } from "../../wire/index.ts";
import { type DerReader, readDer } from "../der/der-reader.ts";
import { constructed, primitive } from "../der/der-tags.ts";
import { type DistributionPoint, readDistributionPoints } from "./distribution-point.ts";
import { type GeneralNames, noNames, readGeneralName, readGeneralNames } from "./general-name.ts";
import { defineKept, keepIfLight } from "../der/kept.ts";
import { identityLimits } from "../der/limits.ts";
import { ExtensionOid } from "../der/oids.ts";

/** RFC 5280 §4.2.1.9. */
export interface BasicConstraints {
  /** The subject may certify others. */
  readonly ca: boolean;
  /** How many further CA certificates, self-issued ones not counted, may stand below. */
  readonly pathLength: number | undefined;
}

/** Bits of keyUsage in their order (RFC 5280 §4.2.1.3). */
export const keyUsages = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
] as const;
/** What a key may be used for (RFC 5280 §4.2.1.3). */
export type KeyUsage = (typeof keyUsages)[number];

/** RFC 5280 §4.2.1.10. */
export interface NameConstraints {
  /** Names must be in one of these, where their kind has any. */
  readonly permitted: GeneralNames;
  /** Names must be in none of these. */
  readonly excluded: GeneralNames;
}

/** RFC 5280 §4.2.1.5. */
export interface PolicyMapping {
  /** Object identifier of the issuer's policy. */
  readonly issuerDomainPolicy: string;
  /** Object identifier of the subject's policy that counts as the same. */
  readonly subjectDomainPolicy: string;
}

/** RFC 5280 §4.2.1.11: after how many more certificates the rule begins to hold. */
export interface PolicyConstraints {
  /** A path must be valid for some policy from there on; `undefined`: no such rule. */
  readonly requireExplicitPolicy: number | undefined;
  /** Policies are not mapped from there on; `undefined`: no such rule. */
  readonly inhibitPolicyMapping: number | undefined;
}

/** One extension as it stands. */
export interface RawExtension {
  /** Object identifier in dotted form. */
  readonly oid: string;
  /** Whoever does not know the extension must refuse the certificate (RFC 5280 §4.2). */
  readonly critical: boolean;
  /** The contents of extnValue. */
  readonly value: Uint8Array;
}

/** What the extensions of a certificate say; a field is absent if its extension is. */
export interface Extensions {
  /** All of them, in their order. */
  readonly extensions: readonly RawExtension[];
  /** RFC 5280 §4.2.1.6. */
  readonly subjectAltNames?: GeneralNames;
  /** RFC 5280 §4.2.1.9. */
  readonly basicConstraints?: BasicConstraints;
  /** RFC 5280 §4.2.1.3. */
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Object identifiers in dotted form. */
  readonly extendedKeyUsage?: readonly string[];
  /** RFC 5280 §4.2.1.10. */
  readonly nameConstraints?: NameConstraints;
  /** Object identifiers in dotted form; qualifiers change nothing for us. */
  readonly policies?: readonly string[];
  /** RFC 5280 §4.2.1.5. */
  readonly policyMappings?: readonly PolicyMapping[];
  /** RFC 5280 §4.2.1.11. */
  readonly policyConstraints?: PolicyConstraints;
  /** After how many more certificates anyPolicy no longer counts (RFC 5280 §4.2.1.14). */
  readonly inhibitAnyPolicy?: number;
  /** RFC 5280 §4.2.1.2. */
  readonly subjectKeyIdentifier?: Uint8Array;
  /** The keyIdentifier of the issuer's key (RFC 5280 §4.2.1.1); absent too if only its name and number are there. */
  readonly authorityKeyIdentifier?: Uint8Array;
  /** Codes of TLS extensions that a server with this certificate answers, where a client offers them (RFC 7633 §4.1). */
  readonly tlsFeatures?: readonly number[];
  /** RFC 5280 §4.2.1.13. */
  readonly crlDistributionPoints?: readonly DistributionPoint[];
  /** Identifiers of critical extensions that path validation here does not process. */
  readonly criticalUnknown: readonly string[];
}

/** The field of each extension that is processed, and how its value reads. */
const processed = new Map<
  string,
  readonly [field: keyof Extensions, (reader: DerReader) => unknown]
>([
  [
    ExtensionOid.subjectAltName,
    ["subjectAltNames", (reader) => reader.sequence("subjectAltName", readGeneralNames)],
  ],
  [ExtensionOid.basicConstraints, ["basicConstraints", readBasicConstraints]],
  [
    ExtensionOid.keyUsage,
    [
      "keyUsage",
      (reader) => {
        const bits = reader.namedBits("keyUsage");
        return new Set(keyUsages.filter((_, bit) => bits.includes(bit)));
      },
    ],
  ],
  [
    ExtensionOid.extKeyUsage,
    [
      "extendedKeyUsage",
      (reader) =>
        reader.sequence("extKeyUsage", (contents) =>
          contents.each(1, (item, at) => item.oid(at), identityLimits.policies),
        ),
    ],
  ],
  [
    ExtensionOid.nameConstraints,
    ["nameConstraints", (reader) => reader.sequence("nameConstraints", readNameConstraints)],
  ],
  [
    ExtensionOid.certificatePolicies,
    ["policies", (reader) => reader.sequence("certificatePolicies", readPolicies)],
  ],
  [
    ExtensionOid.policyMappings,
    ["policyMappings", (reader) => reader.sequence("policyMappings", readPolicyMappings)],
  ],
  [
    ExtensionOid.policyConstraints,
    ["policyConstraints", (reader) => reader.sequence("policyConstraints", readPolicyConstraints)],
  ],
  [
    ExtensionOid.inhibitAnyPolicy,
    ["inhibitAnyPolicy", (reader) => reader.count("inhibitAnyPolicy")],
  ],
  [
    ExtensionOid.subjectKeyIdentifier,
    ["subjectKeyIdentifier", (reader) => reader.octetString("subjectKeyIdentifier")],
  ],
  [ExtensionOid.authorityKeyIdentifier, ["authorityKeyIdentifier", readAuthorityKeyIdentifier]],
  [
    ExtensionOid.tlsFeature,
    [
      "tlsFeatures",
      (reader) =>
        reader.sequence("tlsFeature", (contents) =>
          contents.each(1, (item, at) => item.count(at), identityLimits.policies),
        ),
    ],
  ],
  [
    ExtensionOid.cRLDistributionPoints,
    [
      "crlDistributionPoints",
      (reader) => reader.sequence("cRLDistributionPoints", readDistributionPoints),
    ],
  ],
]);

/** Reads Extensions (RFC 5280 §4.2) to the end of the contents; what takes much memory is read again when it is used. */
export function readExtensions(reader: DerReader): Extensions {
  const fields: Record<string, unknown> = {};
  const kept = keepIfLight(reader.rest(), readRawExtensions);
  defineKept(fields, "extensions", kept);
  const raw = "value" in kept ? kept.value : kept.get();
  const criticalUnknown: string[] = [];
  fields["criticalUnknown"] = criticalUnknown;
  for (const { oid, critical, value } of raw) {
    if (oid === ExtensionOid.authorityInfoAccess) readDer(value, checkInformationAccess);
    const known = processed.get(oid);
    if (known === undefined) {
      if (critical) criticalUnknown.push(oid);
      continue;
    }
    const [field, read] = known;
    const each = keepIfLight(value, read);
    if (!("value" in each) || each.value !== undefined) defineKept(fields, field, each);
  }
  return fields as unknown as Extensions;
}

/** AuthorityInfoAccessSyntax (RFC 5280 §4.2.2.1): nothing is fetched, so that its form is all that is looked at. */
function checkInformationAccess(reader: DerReader): void {
  reader.sequence("authorityInfoAccess", (descriptions) => {
    descriptions.each(1, (item, at) =>
      item.sequence(at, (description) => {
        description.oid("accessMethod");
        readGeneralName(description, "accessLocation", noNames(), [4, 16]);
      }),
    );
  });
}

function readBasicConstraints(reader: DerReader): BasicConstraints {
  return reader.sequence("basicConstraints", (contents) => ({
    ca: readDefaultFalse(contents, "cA"),
    pathLength: contents.atEnd ? undefined : contents.count("pathLenConstraint"),
  }));
}

function readPolicyMappings(reader: DerReader): PolicyMapping[] {
  return reader.each(
    1,
    (item, at) =>
      item.sequence(at, (pair) => ({
        issuerDomainPolicy: pair.oid("issuerDomainPolicy"),
        subjectDomainPolicy: pair.oid("subjectDomainPolicy"),
      })),
    identityLimits.policies,
  );
}

function readPolicyConstraints(reader: DerReader): PolicyConstraints {
  if (reader.atEnd) throw new DecodeError("must not be empty (RFC 5280 §4.2.1.11)");
  return {
    requireExplicitPolicy: optionalCount(reader, 0, "requireExplicitPolicy"),
    inhibitPolicyMapping: optionalCount(reader, 1, "inhibitPolicyMapping"),
  };
}

/** The keyIdentifier (RFC 5280 §4.2.1.1); the other way to name the issuer is not used. */
export function readAuthorityKeyIdentifier(reader: DerReader): Uint8Array | undefined {
  return reader.sequence("authorityKeyIdentifier", (contents) => {
    const key = contents.optional(primitive(0), "keyIdentifier", (inner) => inner.rest());
    contents.optional(constructed(1), "authorityCertIssuer", readGeneralNames);
    if (contents.tag === primitive(2)) contents.integer("authorityCertSerialNumber", primitive(2));
    return key;
  });
}

/** Reads the extensions of a certificate, a CRL or an entry of one, without looking into them. */
export function readRawExtensions(reader: DerReader): RawExtension[] {
  const seen = new Set<string>();
  return reader.each(1, (item, at) =>
    item.sequence(at, (extension) => {
      const oid = extension.oid("extnID");
      // RFC 5280 §4.2: not more than one instance of an extension.
      if (seen.has(oid))
        throw new DecodeError(`extension ${oid} stands here twice (RFC 5280 §4.2)`);
      seen.add(oid);
      return {
        oid,
        critical: readDefaultFalse(extension, "critical"),
        value: extension.octetString("extnValue"),
      };
    }),
  );
}

/** BOOLEAN DEFAULT FALSE. DER omits the default, but many issuers write it and all verifiers take it. */
const readDefaultFalse = (reader: DerReader, field: string): boolean =>
  reader.tag === 0x01 && reader.boolean(field);

function optionalCount(reader: DerReader, tag: number, field: string): number | undefined {
  return reader.tag === primitive(tag) ? reader.count(field, primitive(tag)) : undefined;
}

/** Reads the fields of NameConstraints (RFC 5280 §4.2.1.10). */
export function readNameConstraints(reader: DerReader): NameConstraints {
  if (reader.atEnd) throw new DecodeError("must not be empty (RFC 5280 §4.2.1.10)");
  return {
    permitted: reader.optional(constructed(0), "permittedSubtrees", readSubtrees) ?? noNames(),
    excluded: reader.optional(constructed(1), "excludedSubtrees", readSubtrees) ?? noNames(),
  };
}

function readSubtrees(reader: DerReader): GeneralNames {
  const names = noNames();
  reader.each(1, (item, at) =>
    item.sequence(at, (subtree) => {
      readGeneralName(subtree, "base", names, [8, 32]);
      // RFC 5280 §4.2.1.10: minimum is zero, which is its default, and maximum is absent.
      const minimum = optionalCount(subtree, 0, "minimum") ?? 0;
      if (minimum !== 0 || !subtree.atEnd) {
        throw new DecodeError("minimum must be 0 and maximum absent (RFC 5280 §4.2.1.10)");
      }
    }),
  );
  return names;
}

function readPolicies(reader: DerReader): string[] {
  const policies = reader.each(
    1,
    (item, at) =>
      item.sequence(at, (information) => {
        const policy = information.oid("policyIdentifier");
        if (!information.atEnd)
          information.sequence("policyQualifiers", (contents) => contents.rest());
        return policy;
      }),
    identityLimits.policies,
  );
  if (new Set(policies).size !== policies.length) {
    throw new DecodeError("a policy stands here twice (RFC 5280 §4.2.1.4)");
  }
  return policies;
}
