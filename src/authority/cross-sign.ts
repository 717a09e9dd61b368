/**
 * Cross-certificates (RFC 5280 §3.2): one authority certifies the name and the key of another, so that who trusts only
 * the first finds a path to what is below the second.
 */
import {
  type Certificate,
  draftUnderProfile,
  hasRightSignature,
  type NameLimits,
} from "../identity/index.ts";
import * as option from "../identity/certificate/option-checks.ts";
import { nameLimits } from "../identity/issuing/name-constraints-writer.ts";
import * as check from "../registry/check.ts";
import { authorityOf, certify } from "./certify.ts";
import { checkFree, chooseAuthority } from "./choose.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import { limitsOf } from "./issue.ts";
import { keyHash } from "./keys.ts";
import * as given from "./option-checks.ts";
import { crossProfile, type Entry } from "./records.ts";
import type { Signing } from "./signing.ts";

/** Whom an authority vouches for, and how far. */
export interface CrossSignOptions {
  /** How the directory calls the cross-certificate. */
  readonly name: string;
  /** A certificate of the other authority, best one that it has signed itself: that proves that it has its key. */
  readonly certificate: Certificate;
  /** Who vouches. Default: the only authority. */
  readonly issuer?: string | undefined;
  /** Milliseconds. Default: until the given certificate or the issuer's ends; never longer. */
  readonly lifetime?: number | undefined;
  /** Levels of authorities below the other one. Default: what its certificate and the issuer allow. */
  readonly pathLength?: number | undefined;
  /** What may be named below it. Default: what its certificate says. */
  readonly limits?: NameLimits | undefined;
}

const checkCrossSign = check.complete(
  {
    name: given.name,
    certificate: option.certificate,
    issuer: check.text,
    lifetime: given.duration,
    pathLength: check.whole(),
    limits: nameLimits,
  } satisfies check.OptionTable<CrossSignOptions>,
  "write { name, certificate }",
  ["name", "certificate"],
);

/**
 * Certifies the name and the key of another authority. What comes of it is an entry like any other: it stands on lists
 * when it is revoked, and signs nothing here. While it counts it is part of the chains of what is issued below the
 * other authority, if that is here too.
 * @throws AuthorityError `refused` for a certificate that is not an authority's, has ended or is not signed by the key that
 *   it says, and for one that has the name of an authority here, and another key; TlsError as `issue`; TypeError or
 *   RangeError for options that cannot be
 */
export async function crossSign(
  pki: PkiDirectory,
  options: CrossSignOptions,
  signing: Signing,
): Promise<Entry> {
  given.checkAsked("crossSign", { given: options, check: checkCrossSign }, signing);
  const { name, certificate, limits } = options;
  const { subject, publicKey, keyUsage } = certificate;
  const issuer = issuerOf(pki, options.issuer);
  checkName(pki, name, certificate);
  checkOther(pki, certificate, signing);
  const above = pki.certificate(issuer);
  if (keyHash(above.publicKey) === keyHash(publicKey)) {
    throw refused(`${issuer.name} has this very key: it need not vouch for itself`);
  }
  const own = limitsOf(certificate);
  if (limits !== undefined && own.length > 0) {
    throw refused("the certificate has name constraints, which stay as they are: give none");
  }
  const profile = {
    ca: pathLengthOf(certificate, above, options.pathLength),
    keyUsage: [...(keyUsage ?? signsCertificates)],
    extendedKeyUsage: [],
    lifetime: options.lifetime ?? Infinity,
    needsName: false,
  };
  const { authority, signingKey } = await authorityOf(
    pki,
    issuer,
    { profile, limits, extensions: own },
    signing,
  );
  const left = certificate.notAfter - authority.now;
  const lifetime = Math.min(authority.profile.lifetime, left);
  const bounded = { ...authority, profile: { ...authority.profile, lifetime } };
  return certify(pki, {
    name,
    profile: crossProfile,
    issuer: issuer.name,
    signingKey,
    path: [authority.issuer, ...authority.above!],
    draft: (signatureName) =>
      draftUnderProfile({ subject, names: {}, publicKey }, bounded, signatureName),
  });
}

/** The one that is named and no successor of it: it is trusted by those who do not know that. @throws AuthorityError */
function issuerOf(pki: PkiDirectory, name: string | undefined): Entry {
  if (name === undefined) return chooseAuthority(pki, name);
  const issuer = pki.current(name);
  if (pki.isAuthority(issuer)) return issuer;
  throw new AuthorityError("misuse", `${name} is not an authority`);
}

/** Of a key whose certificate does not say what it is for. */
const signsCertificates = ["keyCertSign", "cRLSign"] as const;

/** A name's next cross-certificate is for the same key, as any renewal is for the same subject. */
function checkName(pki: PkiDirectory, name: string, { publicKey }: Certificate): void {
  const current = pki.records.current(name);
  if (current?.profile === crossProfile && current.key === keyHash(publicKey)) return;
  checkFree(pki, name);
}

/** @throws AuthorityError `refused` */
function checkOther(pki: PkiDirectory, certificate: Certificate, { provider }: Signing): void {
  const { subject, issuer, basicConstraints, keyUsage, notBefore, notAfter } = certificate;
  const who = subject.text;
  // RFC 5280 §4.2.1.3, §4.2.1.9: only such a key verifies certificates
  if (basicConstraints?.ca !== true || keyUsage?.has("keyCertSign") === false) {
    throw refused(`${who} is not an authority`);
  }
  const now = Date.now();
  if (notAfter < now || notBefore > now)
    throw refused(`the certificate of ${who} is not valid now`);
  if (
    subject.key === issuer.key &&
    !hasRightSignature(certificate, certificate.publicKey, provider, "certificate")
  ) {
    throw refused(`${who} has not signed its own certificate with the key in it`);
  }
  // Issuers are told apart by their names (RFC 5280 §4.1.2.4): two keys under one are two authorities in one
  for (const entry of pki.authorities()) {
    const here = pki.certificate(entry);
    if (
      here.subject.key !== subject.key ||
      keyHash(here.publicKey) === keyHash(certificate.publicKey)
    )
      continue;
    throw refused(`${who} is the name of ${entry.name} here, which has another key`);
  }
}

/** RFC 5280 §4.2.1.9. @throws AuthorityError `refused` */
function pathLengthOf(
  { basicConstraints }: Certificate,
  issuer: Certificate,
  asked: number | undefined,
): { readonly pathLength?: number } {
  const own = basicConstraints?.pathLength;
  const above = issuer.basicConstraints?.pathLength;
  const most = above === undefined ? Infinity : above - 1;
  const pathLength = asked ?? own ?? most;
  if (own !== undefined && pathLength > own) {
    throw refused(`${own} levels of authorities are below it by its own certificate`);
  }
  if (pathLength > most || most < 0) {
    throw refused(
      `${issuer.subject.text} allows ${above} levels of authorities below it: a cross-certificate ` +
        `with ${pathLength} below needs ${Math.max(pathLength, 0) + 1}`,
    );
  }
  return pathLength === Infinity ? {} : { pathLength };
}

const refused = (message: string): AuthorityError => new AuthorityError("refused", message);
