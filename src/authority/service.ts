/** The certificate with which an authority that runs proves itself. */
import type { PublicKeyInfo } from "../crypto/index.ts";
import { draftUnderProfile, type SubjectNames } from "../identity/index.ts";
import * as option from "../identity/certificate/option-checks.ts";
import * as check from "../registry/check.ts";
import { authorityOf, certify } from "./certify.ts";
import { chooseAuthority } from "./choose.ts";
import type { PkiDirectory } from "./directory.ts";
import * as given from "./option-checks.ts";
import type { Entry } from "./records.ts";
import { serviceName } from "./registration.ts";
import type { Signing } from "./signing.ts";

interface ServiceTerms {
  readonly issuer: string;
  readonly names: SubjectNames;
  readonly publicKey: PublicKeyInfo;
  /** Milliseconds. */
  readonly lifetime: number;
}

const checkService = check.complete(
  {
    issuer: check.text,
    names: option.names,
    publicKey: option.publicKey,
    lifetime: given.duration,
  } satisfies check.OptionTable<ServiceTerms>,
  "write { issuer, names, publicKey, lifetime }",
);

/**
 * The certificate of a service of the authority itself, which no registration names.
 * @throws AuthorityError, TlsError as `issue`
 */
export async function certifyService(
  pki: PkiDirectory,
  options: ServiceTerms,
  signing: Signing,
): Promise<Entry> {
  given.checkAsked("certifyService", { given: options, check: checkService }, signing);
  const { names, publicKey, lifetime } = options;
  const issuer = chooseAuthority(pki, options.issuer);
  const terms = { profile: "server", lifetime };
  const { authority, signingKey } = await authorityOf(pki, issuer, terms, signing);
  const applicant = { subject: { CN: serviceName }, names, publicKey };
  return certify(pki, {
    name: serviceName,
    profile: terms.profile,
    issuer: issuer.name,
    signingKey,
    path: [authority.issuer, ...authority.above!],
    draft: (signatureName) => draftUnderProfile(applicant, authority, signatureName),
  });
}
