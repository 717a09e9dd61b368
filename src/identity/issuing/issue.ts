import {
  type Oid,
  type PrivateKeyInfo,
  type Provider,
  type PublicKeyInfo,
  type SignatureName,
} from "../../crypto/provider.ts";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import * as option from "../certificate/option-checks.ts";
import { encodeSignatureAlgorithm, usualSignatureOf } from "../keys/algorithm.ts";
import { type Certificate, parseCertificate } from "../certificate/certificate.ts";
import { constructed } from "../der/der-tags.ts";
import { der, sequence, time, unsigned } from "../der/der-writer.ts";
import {
  type DistinguishedName,
  encodeName,
  type NameAttributes,
} from "../certificate/distinguished-name.ts";
import { type Draft, draftOf, signDraft } from "./draft.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  encodeExtensions,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from "../certificate/extension-writer.ts";
import { provingUsage } from "../certificate/key-usage.ts";
import type { KeyUsage, RawExtension } from "../certificate/extensions.ts";
import { encodeNames, type SubjectNames } from "../certificate/subject-names.ts";

/** What a certificate says (RFC 5280 §4), and who signs it. */
export interface IssueOptions {
  /** Attributes, the outermost first, or a name as it stands. May be empty if there are names. */
  readonly subject: NameAttributes | DistinguishedName;
  /** The CA's certificate. Absent: the certificate is self-signed. */
  readonly issuer?: Certificate;
  /** The issuer's private key: the subject's own, if the certificate is self-signed. */
  readonly signingKey: PrivateKeyInfo;
  /** The subject's key. */
  readonly publicKey: PublicKeyInfo;
  /** Names for subjectAltName. Default: none. */
  readonly names?: SubjectNames;
  /** Makes the subject a CA. */
  readonly ca?: { readonly pathLength?: number };
  /** Milliseconds since the epoch; certificates hold whole seconds. */
  readonly notBefore: number;
  /** The last moment of its validity, in milliseconds since the epoch. */
  readonly notAfter: number;
  /** Default: keyCertSign and cRLSign for a CA, what a KEM key is for, digitalSignature otherwise. */
  readonly keyUsage?: readonly KeyUsage[];
  /** Object identifiers. Default: no extension. */
  readonly extendedKeyUsage?: readonly string[];
  /** Positive, at most 20 octets. Default: 16 octets of the provider's randomness. */
  readonly serialNumber?: Uint8Array;
  /** Further extensions, in DER. */
  readonly extensions?: readonly RawExtension[];
  /** Signs, and gives serial numbers. */
  readonly provider: Provider;
  /** Default: the usual one for the issuer's key. */
  readonly signatureName?: SignatureName | Oid;
}

/** As {@link IssueOptions}; the key that will sign is known by its algorithm only. */
export type DraftOptions = Omit<IssueOptions, "signingKey" | "signatureName"> & {
  readonly signatureName: SignatureName | Oid;
};

const draftTable = {
  subject: option.subject,
  issuer: option.certificate,
  publicKey: option.publicKey,
  names: option.names,
  ca: option.authority,
  notBefore: check.time,
  notAfter: check.time,
  keyUsage: option.usages,
  extendedKeyUsage: check.listOf(check.text),
  serialNumber: check.bytes,
  extensions: option.extensions,
  provider: option.provider,
  signatureName: option.signatureName,
} satisfies check.OptionTable<DraftOptions>;
const required = ["subject", "publicKey", "notBefore", "notAfter", "provider"];
const hint = `write { ${required.join(", ")}, … }`;
const checkDraft = check.complete(draftTable, hint, [...required, "signatureName"]);
const checkIssue = check.complete(
  { ...draftTable, signingKey: option.privateKey } satisfies check.OptionTable<IssueOptions>,
  hint,
  [...required, "signingKey"],
);

/**
 * Issues a certificate of version 3 (RFC 5280 §4.1).
 * @throws TypeError or RangeError for options that cannot be; TlsError `misuse` if the provider cannot sign with the issuer's key
 */
export function issueCertificate(options: IssueOptions): Certificate {
  checkIssue(options, "issueCertificate");
  const { signingKey, provider } = options;
  const signatureName = options.signatureName ?? usualSignatureOf(signingKey.type);
  return signDraft(draft({ ...options, signatureName }), signingKey, provider);
}

/**
 * A certificate but for its signature, where the issuer's key is not in this process.
 * @throws TypeError or RangeError for options that cannot be
 */
export function draftCertificate(options: DraftOptions): Draft<Certificate> {
  checkDraft(options, "draftCertificate");
  return draft(options);
}

function draft(options: DraftOptions): Draft<Certificate> {
  const { issuer, publicKey, signatureName } = options;
  const subject = subjectOf(options);
  const tbs = sequence(
    der(constructed(0), unsigned(2)),
    unsigned(serialNumber(options)),
    encodeSignatureAlgorithm(signatureName),
    issuer?.subject.der ?? subject,
    sequence(time(options.notBefore), time(options.notAfter)),
    subject,
    publicKey.spki,
    der(constructed(3), encodeExtensions(extensionsOf(options))),
  );
  return draftOf(tbs, { signatureName, signer: issuer ?? options }, (bytes) =>
    parseCertificate(bytes),
  );
}

const subjectOf = ({ subject }: DraftOptions): Uint8Array =>
  "comparable" in subject ? subject.der : encodeName(subject);

/** RFC 5280 §4.1.2.2. With the second highest bit set the length is always the same. */
function serialNumber({ serialNumber: given, provider }: DraftOptions): Uint8Array {
  if (given !== undefined) {
    if (given.length > 20 || given.every((octet) => octet === 0)) {
      throw new TlsError("misuse", "a serial number is positive and has at most 20 octets", {
        section: "RFC 5280 §4.1.2.2",
      });
    }
    return given;
  }
  const octets = provider.random(16);
  octets[0] = (octets[0]! & 0x7f) | 0x40;
  return octets;
}

function extensionsOf(options: DraftOptions): RawExtension[] {
  const { ca, issuer, publicKey, provider } = options;
  const names = encodeNames(options.names ?? {});
  const usage: readonly KeyUsage[] =
    options.keyUsage ??
    (ca ? ["keyCertSign", "cRLSign"] : [provingUsage(publicKey.type, provider)]);
  const own = keyIdentifier(publicKey, provider);
  const authority = issuer === undefined ? own : issuer.subjectKeyIdentifier;
  const isUnnamed = subjectOf(options).length === 2;
  const present: (RawExtension | undefined | false)[] = [
    ca && basicConstraints(ca),
    usage.length > 0 && keyUsage(usage),
    options.extendedKeyUsage && extendedKeyUsage(options.extendedKeyUsage),
    names.length > 0 && subjectAltName(names, isUnnamed),
    subjectKeyIdentifier(own),
    authority && authorityKeyIdentifier(authority),
  ];
  return [
    ...present.filter((each) => each !== undefined && each !== false),
    ...(options.extensions ?? []),
  ];
}
