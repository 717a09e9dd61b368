/** Issuing with the authorities of a directory. */
import type { Provider } from "../crypto/index.ts";
import {
  type Authority,
  type Certificate,
  crlDistributionPoint,
  ocspLocations,
  type Profile,
} from "../identity/index.ts";
import type { PrivateKeyInfo } from "../crypto/index.ts";
import { AuthorityError } from "./errors.ts";
import { entryOf, type Issued, type PkiDirectory } from "./directory.ts";
import type { Entry } from "./journal.ts";
import type { Settings } from "./settings.ts";

/** Who issues: by name, or the only one there is. @throws AuthorityError */
export function chooseAuthority(pki: PkiDirectory, name: string | undefined): Entry {
  const authorities = pki.authorities();
  const names = authorities.map((entry) => entry.name).join(", ");
  if (name === undefined) {
    const [only, ...others] = authorities;
    if (only !== undefined && others.length === 0) return only;
    throw new AuthorityError(
      "refused",
      `there are several authorities: give --issuer with one of ${names}`,
    );
  }
  const found = authorities.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  throw new AuthorityError(
    "not_found",
    `there is no authority ${JSON.stringify(name)}, but ${names}`,
  );
}

/** @throws AuthorityError that lists the profiles there are */
export function chooseProfile({ profiles }: Settings, name: string): Profile {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile !== undefined) return profile;
  throw new AuthorityError(
    "not_found",
    `there is no profile ${JSON.stringify(name)} in pki.json, but ${Object.keys(profiles).join(", ")}`,
  );
}

/** @throws AuthorityError if the name has a certificate that counts */
export function checkFree(pki: PkiDirectory, name: string): void {
  if (!pki.has(name)) return;
  const { revoked, notAfter } = pki.current(name);
  if (revoked !== undefined || Date.parse(notAfter) < Date.now()) return;
  throw new AuthorityError(
    "exists",
    `there is a certificate of ${name}: renew or revoke it, or take another name`,
  );
}

interface Wish {
  readonly profile: string;
  readonly lifetime?: number | undefined;
  readonly passphrase?: string | undefined;
}

/** An authority of the directory, ready to sign. */
export function authorityOf(
  pki: PkiDirectory,
  issuer: Entry,
  provider: Provider,
  { profile, lifetime, passphrase }: Wish,
): Authority & { readonly signingKey: PrivateKeyInfo } {
  const chosen = chooseProfile(pki.settings, profile);
  if (issuer.revoked !== undefined)
    throw new AuthorityError("refused", `${issuer.name} is revoked`);
  return {
    issuer: pki.certificate(issuer),
    signingKey: pki.privateKey(issuer, passphrase),
    // Whoever runs the authority may give more than those who ask
    profile: lifetime === undefined ? chosen : { ...chosen, lifetime },
    now: Date.now(),
    provider,
    extensions: whereStatusIs(pki.settings, issuer.name),
  };
}

/** Puts a new certificate into the directory. */
export function announce(
  pki: PkiDirectory,
  certificate: Certificate,
  place: Pick<Entry, "name" | "profile"> & { readonly issuer: Entry },
  keyPem: string | undefined,
): Issued {
  const { name, profile, issuer } = place;
  const issued = {
    entry: entryOf(certificate, { name, profile, issuer: issuer.name }),
    certificate,
    above: issuer.profile === "root" ? [] : pki.chain(issuer),
    ...(keyPem === undefined ? {} : { keyPem }),
  };
  pki.add(issued);
  return issued;
}

const whereStatusIs = ({ crlUrl, ocspUrl }: Settings, issuer: string) => [
  ...(crlUrl === undefined ? [] : [crlDistributionPoint([crlUrl.replaceAll("{issuer}", issuer)])]),
  ...(ocspUrl === undefined ? [] : [ocspLocations([ocspUrl.replaceAll("{issuer}", issuer)])]),
];
