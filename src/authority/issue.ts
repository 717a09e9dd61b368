/** New certificates, for keys that are made here and for requests, and their renewal. */
import type { KeyType, Oid, SubjectKeyType } from "../crypto/index.ts";
import {
  type Certificate,
  type Csr,
  draftForRequest,
  draftUnderProfile,
  type NameAttributes,
  type NameLimits,
  printNames,
  type RawExtension,
  type SubjectNames,
} from "../identity/index.ts";
import * as option from "../identity/certificate/option-checks.ts";
import { ExtensionOid } from "../identity/der/oids.ts";
import { nameLimits } from "../identity/issuing/name-constraints-writer.ts";
import * as check from "../registry/check.ts";
import { authorityOf, certify, type Terms, termsTable } from "./certify.ts";
import { checkFree, chooseAuthority } from "./choose.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import * as given from "./option-checks.ts";
import { draftRoot, lifetimeOf } from "./root.ts";
import { crossProfile, type Entry } from "./records.ts";
import { type KeyPlace, makeKey, type Signing, signingKeyOf } from "./signing.ts";

interface CertificateOptions extends Terms {
  /** How the directory calls it. */
  readonly name: string;
  /** The authority. Default: the only one. */
  readonly issuer?: string | undefined;
}

/** An authority that vouches for itself. */
export interface IssueRootOptions extends KeyPlace {
  /** How the directory calls it. */
  readonly name: string;
  /** Attributes, the outermost first. */
  readonly subject: NameAttributes;
  /** Type of the key that is made. */
  readonly algorithm: KeyType | Oid;
  /** How many CAs, self-issued ones not counted, may stand below it in a path. Absent: any number. */
  readonly pathLength?: number | undefined;
  /** Milliseconds. */
  readonly lifetime: number;
  /** What it, and those below it, may name. Absent: anything. */
  readonly limits?: NameLimits | undefined;
  /** Further extensions, in DER. */
  readonly extensions?: readonly RawExtension[];
}

/** A certificate for a key that is made here. */
export interface IssueOptions extends CertificateOptions, KeyPlace {
  /** Default: a common name, which is the directory's. */
  readonly subject?: NameAttributes | undefined;
  /** Names for subjectAltName. */
  readonly names: SubjectNames;
  /** Default: as the issuer's. */
  readonly algorithm?: SubjectKeyType | undefined;
}

/** A certificate for the key of a request. */
export interface CertifyRequestOptions extends CertificateOptions {
  /** The request, whose signature is verified. */
  readonly csr: Csr;
  /** Default: the request's own, if somebody has checked it: see {@link certifyRequest}. */
  readonly subject?: NameAttributes | undefined;
}

/** Whose certificate is to be renewed. */
export interface RenewOptions {
  /** How the directory calls it. */
  readonly name: string;
  /** Milliseconds. Default: the profile's; of a root as long as before. */
  readonly lifetime?: number | undefined;
  /** Certifies the same key again. Default: for CAs, and for keys in tokens and elsewhere. */
  readonly keepsKey?: boolean | undefined;
  /** Encrypts the new key. */
  readonly newPassphrase?: string | undefined;
}

const certificateTable = {
  ...termsTable,
  name: given.name,
  issuer: check.text,
} satisfies check.OptionTable<CertificateOptions>;

const checkRoot = check.complete(
  {
    ...given.keyPlaceTable,
    name: given.name,
    subject: option.subject,
    algorithm: option.keyType,
    pathLength: check.whole(),
    lifetime: given.duration,
    limits: nameLimits,
    extensions: option.extensions,
  } satisfies check.OptionTable<IssueRootOptions>,
  "write { name, subject, algorithm, lifetime }",
  ["name", "subject", "algorithm", "lifetime"],
);

const checkIssue = check.complete(
  {
    ...certificateTable,
    ...given.keyPlaceTable,
    subject: option.subject,
    names: option.names,
    algorithm: option.subjectKeyType,
  } satisfies check.OptionTable<IssueOptions>,
  "write { name, profile, names }",
  ["name", "profile", "names"],
);

const checkRequest = check.complete(
  {
    ...certificateTable,
    csr: given.request,
    subject: option.subject,
  } satisfies check.OptionTable<CertifyRequestOptions>,
  "write { name, profile, csr }",
  ["name", "profile", "csr"],
);

const checkRenewal = check.complete(
  {
    name: check.text,
    lifetime: given.duration,
    keepsKey: check.flag,
    newPassphrase: check.text,
  } satisfies check.OptionTable<RenewOptions>,
  "write { name }",
  ["name"],
);

/**
 * Makes an authority that vouches for itself.
 * @throws TypeError or RangeError for options that cannot be
 */
export async function issueRoot(
  pki: PkiDirectory,
  options: IssueRootOptions,
  signing: Signing,
): Promise<Entry> {
  given.checkAsked("issueRoot", { given: options, check: checkRoot }, signing);
  const { name, algorithm } = options;
  const { provider } = signing;
  const { publicKey, signingKey, file } = await makeKey(algorithm, options, signing);
  return certify(pki, {
    name,
    issuer: name,
    profile: "root",
    keyFile: file,
    signingKey,
    path: [],
    draft: (signatureName) => draftRoot({ ...options, publicKey, provider, signatureName }),
  });
}

/**
 * Makes a key and certifies it.
 * @throws AuthorityError, TlsError `access_denied` for what the profile forbids, `misuse` for what cannot be;
 *   TypeError or RangeError for options that cannot be
 */
export async function issue(
  pki: PkiDirectory,
  options: IssueOptions,
  signing: Signing,
): Promise<Entry> {
  given.checkAsked("issue", { given: options, check: checkIssue }, signing);
  const { name, names, subject = { CN: name } } = options;
  checkFree(pki, name);
  const issuer = chooseAuthority(pki, options.issuer);
  const { authority, signingKey } = await authorityOf(pki, issuer, options, signing);
  const type = options.algorithm ?? authority.issuer.publicKey.type;
  const key = await makeKey(type, options, signing);
  return certify(pki, {
    ...options,
    issuer: issuer.name,
    keyFile: key.file,
    signingKey,
    path: [authority.issuer, ...authority.above!],
    draft: (signatureName) =>
      draftUnderProfile({ subject, names, publicKey: key.publicKey }, authority, signatureName),
  });
}

/**
 * Certifies the key of a request. Its subject must be empty, a common name that is the directory's or among
 * its names, or else be given in its place.
 * @throws AuthorityError, TlsError as {@link issue}, `bad_certificate` for a wrong proof of possession
 */
export async function certifyRequest(
  pki: PkiDirectory,
  options: CertifyRequestOptions,
  signing: Signing,
): Promise<Entry> {
  given.checkAsked("certifyRequest", { given: options, check: checkRequest }, signing);
  const { name, csr } = options;
  checkFree(pki, name);
  const issuer = chooseAuthority(pki, options.issuer);
  const { authority, signingKey } = await authorityOf(pki, issuer, options, signing);
  const subject = options.subject ?? (csr.subject.text === `CN=${name}` ? { CN: name } : undefined);
  const own = subject === undefined ? authority : { ...authority, subject };
  return certify(pki, {
    ...options,
    issuer: issuer.name,
    signingKey,
    path: [authority.issuer, ...authority.above!],
    draft: (signatureName) => draftForRequest(csr, own, signatureName),
  });
}

/**
 * Certifies the same subject again, with the same names and limits. The old certificate stays valid until it
 * expires or is revoked.
 * @throws AuthorityError `refused` for what is revoked, or whose key is blocked; TypeError or RangeError for
 *   options that cannot be
 */
export async function renew(
  pki: PkiDirectory,
  options: RenewOptions,
  signing: Signing,
): Promise<Entry> {
  given.checkAsked("renew", { given: options, check: checkRenewal }, signing);
  const old = pki.current(options.name);
  if (old.revoked !== undefined) {
    throw new AuthorityError(
      "refused",
      `${old.name} is revoked since ${old.revoked.at} (${old.revoked.reason}): issue a new one instead`,
    );
  }
  if (old.profile === crossProfile) {
    throw new AuthorityError(
      "misuse",
      `${old.name} is a cross-certificate: cross-sign the other authority again instead`,
    );
  }
  return old.profile === "root"
    ? renewRoot(pki, old, options, signing)
    : renewBelow(pki, old, options, signing);
}

async function renewBelow(
  pki: PkiDirectory,
  old: Entry,
  options: RenewOptions,
  signing: Signing,
): Promise<Entry> {
  const { name, newPassphrase, lifetime } = options;
  const certificate = pki.certificate(old);
  const terms = { profile: old.profile, lifetime, extensions: limitsOf(certificate) };
  const issuer = chooseAuthority(pki, old.issuer);
  const { authority, signingKey } = await authorityOf(pki, issuer, terms, signing);
  const oldKey = pki.keyFile(old);
  const keeps = options.keepsKey === true || oldKey?.name !== "key.pem" || pki.isAuthority(old);
  if (!keeps && newPassphrase === undefined && oldKey.content.includes("ENCRYPTED")) {
    throw new AuthorityError(
      "misuse",
      `the key of ${name} is encrypted: give --encrypt-with or --keep-key`,
    );
  }
  const { type } = certificate.publicKey;
  const fresh = keeps ? undefined : await makeKey(type, { newPassphrase }, signing);
  const applicant = {
    subject: certificate.subject,
    names: printNames(certificate.subjectAltNames),
    publicKey: fresh?.publicKey ?? certificate.publicKey,
  };
  return certify(pki, {
    name,
    profile: old.profile,
    issuer: issuer.name,
    // It has its ID already
    sharesId: true,
    keyFile: fresh?.file ?? oldKey,
    signingKey,
    path: [authority.issuer, ...authority.above!],
    draft: (signatureName) => draftUnderProfile(applicant, authority, signatureName),
  });
}

/** Signs itself again; what it has issued stays valid, for its name and its key are the same. */
async function renewRoot(
  pki: PkiDirectory,
  old: Entry,
  { lifetime }: RenewOptions,
  signing: Signing,
): Promise<Entry> {
  const { provider } = signing;
  const current = pki.certificate(old);
  const { subject, publicKey, basicConstraints } = current;
  return certify(pki, {
    name: old.name,
    issuer: old.issuer,
    profile: old.profile,
    keyFile: pki.keyFile(old),
    signingKey: await signingKeyOf(pki, old, signing),
    path: [],
    draft: (signatureName) =>
      draftRoot({
        subject,
        publicKey,
        pathLength: basicConstraints?.pathLength,
        lifetime: lifetime ?? lifetimeOf(current),
        extensions: limitsOf(current),
        provider,
        signatureName,
      }),
  });
}

/** What a CA may name stays as it is. */
export const limitsOf = ({ extensions }: Certificate): RawExtension[] =>
  extensions.filter(({ oid }) => oid === ExtensionOid.nameConstraints);
