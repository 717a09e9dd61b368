import type { KeyType, Provider, PublicKeyInfo, Oid, SignatureName } from "../crypto/index.ts";
import {
  type Certificate,
  type DistinguishedName,
  type Draft,
  draftCertificate,
  type NameAttributes,
  nameConstraints,
  type NameLimits,
  type RawExtension,
} from "../identity/index.ts";

/** Of a root, unless told otherwise. */
export const standardKey: KeyType = "ML-DSA-65";
/** Of a root, in milliseconds: ten years. */
export const standardLifetime = 10 * 365 * 86_400_000;

/** Clocks differ: a root is valid from a little before, as what it issues is. */
const backdated = 300_000;

/** For how long a root was made, in milliseconds. */
export const lifetimeOf = ({ notBefore, notAfter }: Certificate): number =>
  notAfter - notBefore - backdated;

interface Root {
  readonly subject: NameAttributes | DistinguishedName;
  readonly publicKey: PublicKeyInfo;
  readonly pathLength?: number | undefined;
  /** Milliseconds. */
  readonly lifetime: number;
  readonly limits?: NameLimits | undefined;
  readonly extensions?: readonly RawExtension[];
  readonly provider: Provider;
  readonly signatureName: SignatureName | Oid;
}

/** An authority that vouches for itself. */
export function draftRoot(root: Root): Draft<Certificate> {
  const { subject, publicKey, pathLength, lifetime, limits, provider, signatureName } = root;
  const now = Date.now();
  return draftCertificate({
    subject,
    publicKey,
    ca: pathLength === undefined ? {} : { pathLength },
    keyUsage: ["keyCertSign", "cRLSign", "digitalSignature"],
    notBefore: now - backdated,
    notAfter: now + lifetime,
    extensions: [
      ...(limits === undefined ? [] : [nameConstraints(limits)]),
      ...(root.extensions ?? []),
    ],
    provider,
    signatureName,
  });
}
