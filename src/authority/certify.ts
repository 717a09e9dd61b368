/** The one way to a new certificate: checked, journaled, signed, verified, put in its place. */
import type { Oid, SignatureName } from "../crypto/index.ts";
import {
  type Authority,
  type Certificate,
  crlDistributionPoint,
  type Draft,
  nameConstraints,
  type NameLimits,
  ocspLocations,
  printNames,
  type Profile,
  type RawExtension,
  type SubjectNames,
} from "../identity/index.ts";
import * as option from "../identity/certificate/option-checks.ts";
import { nameLimits } from "../identity/issuing/name-constraints-writer.ts";
import * as check from "../registry/check.ts";
import { toHex } from "../wire/index.ts";
import { chooseProfile } from "./choose.ts";
import type { PkiDirectory } from "./directory.ts";
import type { Issuing } from "./lines.ts";
import { type KeyFile, keyHash } from "./keys.ts";
import { checkIds, checkKey, checkSigner } from "./rules.ts";
import { counts, crossProfile, type Entry } from "./records.ts";
import { duration } from "./duration.ts";
import { type Signing, type SigningKey, signingKeyOf } from "./signing.ts";
import type { Settings } from "./settings.ts";

/** What a certificate will be, beyond what its subject asks. */
export interface Terms {
  /** Name of the profile, as the settings have it. */
  readonly profile: string;
  /** Milliseconds. Default: the profile's, which is the most. */
  readonly lifetime?: number | undefined;
  /** What a CA, and those below it, may name. */
  readonly limits?: NameLimits | undefined;
  /** Further extensions, in DER. */
  readonly extensions?: readonly RawExtension[];
  /** Gives a SPIFFE ID to a second key. */
  readonly sharesId?: boolean | undefined;
}

/** Of {@link Terms}. */
export const termsTable = {
  profile: check.text,
  lifetime: duration,
  limits: nameLimits,
  extensions: option.extensions,
  sharesId: check.flag,
} satisfies check.OptionTable<Terms>;

interface Certification {
  readonly name: string;
  readonly profile: string;
  readonly issuer: string;
  readonly sharesId?: boolean | undefined;
  /** The ID of the admission that is used up. */
  readonly admission?: string | undefined;
  /** Absent where the subject keeps its key to itself. */
  readonly keyFile?: KeyFile | undefined;
  readonly signingKey: SigningKey;
  /** The issuer's certificate and those above it; none for a root. */
  readonly path: readonly Certificate[];
  draft(signatureName: SignatureName | Oid): Draft<Certificate>;
}

/**
 * Certifies, and puts the certificate into the directory. What fails before the certificate is in its place
 * leaves nothing but a number that is void.
 */
export async function certify(pki: PkiDirectory, certification: Certification): Promise<Entry> {
  const { signingKey, path, keyFile } = certification;
  const draft = certification.draft(signingKey.signatureName);
  const entry = issuingOf(draft.complete(new Uint8Array(0)), certification);
  checkKey(pki, entry);
  if (certification.sharesId !== true) checkIds(pki, entry);
  const { admission } = certification;
  const { serial } = entry;
  pki.record(
    entry,
    ...(admission === undefined ? [] : [{ type: "admitted", admission, serial } as const]),
  );
  try {
    const certificate = await signingKey.sign(draft);
    // Without the root, which whoever verifies must know; or knows who vouches for it
    const above = [...path.slice(0, -1), ...crossCertificates(pki, path.at(-1))];
    return pki.place({ entry, certificate, above, ...(keyFile === undefined ? {} : { keyFile }) });
  } catch (error) {
    if (pki.records.pending.length > 0) pki.drop(entry);
    throw error;
  }
}

/** An authority of the directory, and the key that it signs with. */
export async function authorityOf(
  pki: PkiDirectory,
  issuer: Entry,
  terms: Omit<Terms, "profile"> & { readonly profile: string | Profile },
  signing: Signing,
): Promise<{ readonly authority: Authority; readonly signingKey: SigningKey }> {
  const { lifetime, limits } = terms;
  const profile =
    typeof terms.profile === "string" ? chooseProfile(pki.settings, terms.profile) : terms.profile;
  checkSigner(pki, issuer);
  const [certificate, ...above] = pki.pathFrom(issuer);
  // What is below a root that is to leave the bundle ends before it does
  const { until } = pki.records.succession(issuer.name) ?? {};
  const most = until === undefined ? Infinity : Date.parse(until) - Date.now();
  const authority = {
    issuer: certificate!,
    above,
    // Whoever runs the authority may give more than those who ask
    profile: { ...profile, lifetime: Math.min(lifetime ?? profile.lifetime, most) },
    now: Date.now(),
    provider: signing.provider,
    extensions: [
      ...whereStatusIs(pki.settings, issuer.name),
      ...(limits === undefined ? [] : [nameConstraints(limits)]),
      ...(terms.extensions ?? []),
    ],
  };
  return { authority, signingKey: await signingKeyOf(pki, issuer, signing) };
}

/** Those that count for a root's key. */
const crossCertificates = (pki: PkiDirectory, root: Certificate | undefined): Certificate[] =>
  (root === undefined ? [] : pki.records.ofKey(keyHash(root.publicKey)))
    .filter((entry) => entry.profile === crossProfile && counts(entry))
    .map((entry) => pki.certificate(entry));

/** What the journal says of a certificate. */
export function issuingOf(
  certificate: Certificate,
  { name, issuer, profile }: Pick<Issuing, "name" | "issuer" | "profile">,
): Issuing {
  return {
    type: "issuing",
    serial: toHex(certificate.serialNumber),
    name,
    issuer,
    profile,
    subject: certificate.subject.text,
    names: presentNames(printNames(certificate.subjectAltNames)),
    key: keyHash(certificate.publicKey),
    notBefore: new Date(certificate.notBefore).toISOString(),
    notAfter: new Date(certificate.notAfter).toISOString(),
  };
}

const presentNames = (names: SubjectNames): SubjectNames =>
  Object.fromEntries(Object.entries(names).filter(([, each]) => each.length > 0));

const whereStatusIs = ({ crlUrl, ocspUrl }: Settings, issuer: string) => [
  ...(crlUrl === undefined ? [] : [crlDistributionPoint([crlUrl.replaceAll("{issuer}", issuer)])]),
  ...(ocspUrl === undefined ? [] : [ocspLocations([ocspUrl.replaceAll("{issuer}", issuer)])]),
];
