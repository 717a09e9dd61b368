/** What an authority does: looks at what is asked, and issues what its profile says. */
import {
  type Oid,
  type PrivateKeyInfo,
  type Provider,
  type SignatureName,
} from "../../crypto/provider.ts";
import * as check from "../../registry/check.ts";
import { ExtensionType, TlsError } from "../../registry/index.ts";
import * as option from "../certificate/option-checks.ts";
import { usualSignatureOf } from "../keys/algorithm.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { type Csr, verifyCsr } from "./csr.ts";
import type { DistinguishedName, NameAttributes } from "../certificate/distinguished-name.ts";
import { type Draft, signAndVerify } from "./draft.ts";
import { Tag } from "../der/der-tags.ts";
import { der } from "../der/der-writer.ts";
import { certificatePolicies, ordinary, tlsFeature } from "../certificate/extension-writer.ts";
import type { KeyUsage, RawExtension } from "../certificate/extensions.ts";
import { draftCertificate } from "./issue.ts";
import { provingUsage, usagesOf } from "../certificate/key-usage.ts";
import { KeyPurpose, OcspOid } from "../der/oids.ts";
import { validatePath } from "../path/path-validation.ts";
import {
  checkIssuer,
  checkProfile,
  checkRequested,
  checkRequestedSubject,
  checkSubject,
  type Profile,
  purposeOid,
  type Subject,
} from "./profile.ts";
import { checkSvid } from "../certificate/spiffe.ts";
import { printNames } from "../certificate/subject-names.ts";

/** The authority, and what it adds. */
export interface Authority {
  /** The certificate of the CA that signs. */
  readonly issuer: Certificate;
  /** Those above the issuer, whose limits hold too. Default: none are known. */
  readonly above?: readonly Certificate[];
  /** What the authority certifies. */
  readonly profile: Profile;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Verifies requests, signs, and gives serial numbers. */
  readonly provider: Provider;
  /** Milliseconds, instead of the profile's; not more than that. */
  readonly lifetime?: number;
  /**
   * Certifies a request under this subject, whatever it asks for. Absent: its own, which must be empty, or
   * a common name that is among the names it asks for.
   */
  readonly subject?: NameAttributes;
  /** Default: 16 octets of the provider's randomness. */
  readonly serialNumber?: Uint8Array;
  /** Further extensions of the authority, in DER: where its lists are, say. */
  readonly extensions?: readonly RawExtension[];
}

/** Whom to certify without a request of theirs. */
export interface Applicant extends Subject {
  /** Attributes, the outermost first, or a name as it stands. May be empty if there are names. */
  readonly subject: NameAttributes | DistinguishedName;
}

const authorityTable = {
  issuer: option.certificate,
  above: check.listOf(option.certificate),
  profile: checkProfile,
  now: check.time,
  provider: option.provider,
  lifetime: check.number(0, Infinity, " milliseconds"),
  subject: option.subject,
  serialNumber: check.bytes,
  extensions: option.extensions,
} satisfies check.OptionTable<Authority>;
const required = ["issuer", "profile", "now", "provider"];
const checkAuthority = check.complete(authorityTable, `write { ${required.join(", ")} }`, required);
const checkSigningAuthority = check.complete(
  { ...authorityTable, signingKey: option.privateKey },
  `write { ${required.join(", ")}, signingKey }`,
  [...required, "signingKey"],
);
const checkApplicant = check.complete(
  {
    subject: option.subject,
    publicKey: option.publicKey,
    names: option.names,
  } satisfies check.OptionTable<Applicant>,
  "write { subject, publicKey, names }",
);

/** Milliseconds. Clocks differ: what is issued is valid from a little before. */
export const backdated = 300_000;

/**
 * Checks an applicant against a profile and issues the certificate. It ends with its issuer's at the
 * latest.
 * @throws TlsError `access_denied` for what the profile forbids, `misuse` for what cannot be; TypeError or
 *   RangeError for options that cannot be
 */
export function issueUnderProfile(
  applicant: Applicant,
  authority: Authority & { readonly signingKey: PrivateKeyInfo },
): Certificate {
  checkApplicant(applicant, "issueUnderProfile: the applicant");
  checkSigningAuthority(authority, "issueUnderProfile: the authority");
  return sign(authority, (name) => drafted(applicant, authority, name));
}

/**
 * Checks a request, its proof of possession first, and issues what it asks for as far as the profile
 * gives it.
 * @throws TlsError as {@link issueUnderProfile}, `bad_certificate` for a wrong signature
 */
export function signRequest(
  csr: Csr,
  authority: Authority & { readonly signingKey: PrivateKeyInfo },
): Certificate {
  checkSigningAuthority(authority, "signRequest: the authority");
  return sign(authority, (name) => draftOfRequest(csr, authority, name));
}

/** As {@link signRequest}, where the authority's key is not in this process. */
export function draftForRequest(
  csr: Csr,
  authority: Authority,
  signatureName: SignatureName | Oid,
): Draft<Certificate> {
  checkAuthority(authority, "draftForRequest: the authority");
  return draftOfRequest(csr, authority, signatureName);
}

function draftOfRequest(
  csr: Csr,
  authority: Authority,
  signatureName: SignatureName | Oid,
): Draft<Certificate> {
  verifyCsr(csr, authority.provider);
  checkRequested(csr.requested, authority.profile, "request");
  const { publicKey, requested } = csr;
  const names = printNames(requested.subjectAltNames);
  const { subject = csr.subject } = authority;
  if (authority.subject === undefined) checkRequestedSubject(csr.subject, names, "request");
  return drafted({ subject, publicKey, names }, authority, signatureName);
}

/** As {@link issueUnderProfile}, where the authority's key is not in this process. */
export function draftUnderProfile(
  applicant: Applicant,
  authority: Authority,
  signatureName: SignatureName | Oid,
): Draft<Certificate> {
  checkApplicant(applicant, "draftUnderProfile: the applicant");
  checkAuthority(authority, "draftUnderProfile: the authority");
  return drafted(applicant, authority, signatureName);
}

function drafted(
  applicant: Applicant,
  authority: Authority,
  signatureName: SignatureName | Oid,
): Draft<Certificate> {
  const { issuer, above = [], profile, now, provider, extensions = [], serialNumber } = authority;
  checkSubject(applicant, profile, "request");
  checkIssuer(issuer, profile, now);
  const { ca, keyUsage, policies, mustStaple = false } = profile;
  const purposes = profile.extendedKeyUsage.map(purposeOid);
  const draft = draftCertificate({
    subject: applicant.subject,
    issuer,
    publicKey: applicant.publicKey,
    names: applicant.names,
    ...(ca === undefined ? {} : { ca }),
    notBefore: now - backdated,
    notAfter: Math.min(now + lifetimeOf(authority), issuer.notAfter),
    keyUsage: usagesFor(applicant, keyUsage, authority.provider),
    ...(purposes.length === 0 ? {} : { extendedKeyUsage: purposes }),
    extensions: [
      ...(purposes.includes(KeyPurpose.OCSPSigning) ? [noCheck] : []),
      ...(policies === undefined ? [] : [certificatePolicies(policies)]),
      ...(mustStaple ? [tlsFeature([ExtensionType.status_request])] : []),
      ...extensions,
    ],
    ...(serialNumber === undefined ? {} : { serialNumber }),
    provider,
    signatureName,
  });
  checkPath([draft.complete(new Uint8Array(0)), issuer, ...above], now);
  return draft;
}

/**
 * What a CA above does not allow must not be signed: the certificate is validated before.
 * @throws TlsError `access_denied`
 */
function checkPath(path: readonly Certificate[], now: number): void {
  try {
    validatePath(path, { now });
    checkSvid(path[0]!, "request");
  } catch (cause) {
    if (!(cause instanceof TlsError)) throw cause;
    throw new TlsError("access_denied", `it would not be valid: ${cause.message}`, { cause });
  }
}

/**
 * Of what the profile gives what the key can do: one profile serves all types of key.
 * @throws TlsError `access_denied` if that is nothing
 */
function usagesFor(
  { publicKey: { type } }: Applicant,
  given: readonly KeyUsage[],
  provider: Provider,
): KeyUsage[] {
  const usages = given.flatMap((usage) => {
    // Who proves itself by decapsulation needs that use instead
    const needed = usage === "digitalSignature" ? provingUsage(type, provider) : usage;
    return usagesOf(type).includes(needed) ? [needed] : [];
  });
  if (usages.length > 0 || given.length === 0) return usages;
  throw new TlsError("access_denied", "the key can do nothing of what the profile gives", {
    expected: given.join(", "),
    received: `a key of type ${type}`,
    where: "request.publicKey",
    section: "RFC 5280 §4.2.1.3",
  });
}

/** RFC 6960 §4.2.2.2.1: who would ask a responder about its own certificate would ask it itself. */
const noCheck = ordinary(OcspOid.noCheck, der(Tag.null));

/** @throws TlsError `access_denied` */
function lifetimeOf({ lifetime, profile }: Authority): number {
  if (lifetime === undefined || lifetime <= profile.lifetime) return lifetime ?? profile.lifetime;
  throw new TlsError("access_denied", "a longer life than the profile gives", {
    expected: `at most ${profile.lifetime / 1000} s`,
    received: `${lifetime / 1000} s`,
    where: "request.validity",
  });
}

function sign<T>(
  { signingKey, provider }: Authority & { readonly signingKey: PrivateKeyInfo },
  draft: (name: SignatureName | Oid) => Draft<T>,
): T {
  return signAndVerify(draft(usualSignatureOf(signingKey.type)), signingKey, provider);
}
