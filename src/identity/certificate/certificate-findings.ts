import type { Certificate } from "./certificate.ts";
import { hostForm } from "./name-forms.ts";
import { usagesOf } from "./key-usage.ts";
import { ExtensionOid } from "../der/oids.ts";

/** A rule for issuers that a certificate breaks; most verifiers live with it. */
export interface CertificateFinding {
  /** What the certificate breaks, in a few words. */
  readonly rule: string;
  /** `RFC 5280 §4.1.2.2`. */
  readonly section: string;
}

interface Rule extends CertificateFinding {
  isBroken(certificate: Certificate): boolean;
}

/**
 * Which of the rules that RFC 5280 makes for issuers (§4) a certificate breaks. Path validation (§6) asks
 * for few of them; a strict one refuses what breaks any.
 */
export const findingsOf = (certificate: Certificate): CertificateFinding[] =>
  rules
    .filter((rule) => rule.isBroken(certificate))
    .map(({ rule, section }) => ({ rule, section }));

const isCa = ({ basicConstraints }: Certificate): boolean => basicConstraints?.ca === true;
const isSelfIssued = ({ subject, issuer }: Certificate): boolean => subject.key === issuer.key;
/** Whether the extension is there, and marked so. */
const isMarked = ({ extensions }: Certificate, oid: string, critical: boolean): boolean =>
  extensions.some((each) => each.oid === oid && each.critical === critical);
const isEmpty = ({ comparable }: Certificate["subject"]): boolean => comparable.length === 0;

const section = (number: string): string => `RFC 5280 §${number}`;

const mustBeCritical = (name: string, oid: string, number: string): Rule => ({
  rule: `the extension ${name} must be critical`,
  section: section(number),
  isBroken: (certificate) => isMarked(certificate, oid, false),
});

const mustNotBeCritical = (name: string, oid: string, number: string): Rule => ({
  rule: `the extension ${name} must not be critical`,
  section: section(number),
  isBroken: (certificate) => isMarked(certificate, oid, true),
});

const rules: readonly Rule[] = [
  {
    rule: "the serial number must be positive",
    section: section("4.1.2.2"),
    isBroken: ({ serialNumber }) =>
      (serialNumber[0] ?? 0) >= 0x80 || serialNumber.every((octet) => octet === 0),
  },
  {
    rule: "the issuer must be named",
    section: section("4.1.2.4"),
    isBroken: ({ issuer }) => isEmpty(issuer),
  },
  {
    rule: "a CA must have a subject",
    section: section("4.1.2.6"),
    isBroken: (certificate) => isCa(certificate) && isEmpty(certificate.subject),
  },
  {
    rule: "without a subject the extension subjectAltName must be there, and critical",
    section: section("4.1.2.6"),
    isBroken: (certificate) =>
      isEmpty(certificate.subject) && !isMarked(certificate, ExtensionOid.subjectAltName, true),
  },
  {
    rule: "what another CA issues must have an authorityKeyIdentifier with a keyIdentifier",
    section: section("4.2.1.1"),
    isBroken: (certificate) =>
      !isSelfIssued(certificate) && certificate.authorityKeyIdentifier === undefined,
  },
  mustNotBeCritical("authorityKeyIdentifier", ExtensionOid.authorityKeyIdentifier, "4.2.1.1"),
  {
    rule: "a CA must have a subjectKeyIdentifier",
    section: section("4.2.1.2"),
    isBroken: (certificate) => isCa(certificate) && certificate.subjectKeyIdentifier === undefined,
  },
  mustNotBeCritical("subjectKeyIdentifier", ExtensionOid.subjectKeyIdentifier, "4.2.1.2"),
  {
    rule: "a CA must have a keyUsage with keyCertSign or cRLSign",
    section: section("4.2.1.3"),
    isBroken: (certificate) =>
      isCa(certificate) &&
      certificate.keyUsage?.has("keyCertSign") !== true &&
      certificate.keyUsage?.has("cRLSign") !== true,
  },
  {
    rule: "the keyUsage must be one that keys of this type have",
    section: "RFC 3279 §2.3, RFC 4055 §1.2, RFC 5480 §3, RFC 8410 §5, RFC 9881 §5",
    isBroken: ({ keyUsage = new Set(), publicKey }) =>
      [...keyUsage].some((usage) => !usagesOf(publicKey.type).includes(usage)),
  },
  {
    rule: "a dNSName must be a host name of letters, digits and hyphens",
    section: section("4.2.1.6"),
    isBroken: ({ subjectAltNames }) =>
      subjectAltNames?.dns.some(
        (name) =>
          name.endsWith(".") ||
          name.includes("_") ||
          hostForm(name.replace(/^\*\./, "")) === undefined,
      ) === true,
  },
  {
    rule: "the basicConstraints of a CA must be critical",
    section: section("4.2.1.9"),
    isBroken: (certificate) =>
      isCa(certificate) && isMarked(certificate, ExtensionOid.basicConstraints, false),
  },
  {
    rule: "only a CA that may sign certificates has a pathLenConstraint",
    section: section("4.2.1.9"),
    isBroken: (certificate) =>
      certificate.basicConstraints?.pathLength !== undefined &&
      !(isCa(certificate) && (certificate.keyUsage?.has("keyCertSign") ?? true)),
  },
  mustBeCritical("nameConstraints", ExtensionOid.nameConstraints, "4.2.1.10"),
  {
    rule: "a constraint on dNSNames does not begin with a dot",
    section: section("4.2.1.10"),
    isBroken: ({ nameConstraints }) =>
      [...(nameConstraints?.permitted.dns ?? []), ...(nameConstraints?.excluded.dns ?? [])].some(
        (base) => base.startsWith("."),
      ),
  },
  mustBeCritical("policyConstraints", ExtensionOid.policyConstraints, "4.2.1.11"),
  mustBeCritical("inhibitAnyPolicy", ExtensionOid.inhibitAnyPolicy, "4.2.1.14"),
  mustNotBeCritical("authorityInfoAccess", ExtensionOid.authorityInfoAccess, "4.2.2.1"),
  mustNotBeCritical("freshestCRL", ExtensionOid.freshestCRL, "4.2.1.15"),
  {
    rule: "extensions are there in version 3, which is the one to use",
    section: section("4.1.2.1"),
    isBroken: ({ version }) => version !== 3,
  },
];
