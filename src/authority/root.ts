import type { KeyType, Provider } from "../crypto/index.ts";
import {
  type Certificate,
  type DistinguishedName,
  issueCertificate,
  type NameAttributes,
} from "../identity/index.ts";
import type { KeyPair } from "./keys.ts";

export const standardKey: KeyType = "ML-DSA-65";
export const standardLifetime = 10 * 365 * 86_400_000;

/** Clocks differ: a root is valid from a little before, as what it issues is. */
const backdated = 300_000;

/** For how long a root was made, in milliseconds. */
export const lifetimeOf = ({ notBefore, notAfter }: Certificate): number =>
  notAfter - notBefore - backdated;

interface Root extends KeyPair {
  readonly subject: NameAttributes | DistinguishedName;
  readonly pathLength: number | undefined;
  /** Milliseconds. */
  readonly lifetime: number;
  readonly provider: Provider;
}

/** An authority that vouches for itself. */
export function issueRoot(root: Root): Certificate {
  const { subject, privateKey, publicKey, pathLength, lifetime, provider } = root;
  const now = Date.now();
  return issueCertificate({
    subject,
    signingKey: privateKey,
    publicKey,
    ca: pathLength === undefined ? {} : { pathLength },
    keyUsage: ["keyCertSign", "cRLSign", "digitalSignature"],
    notBefore: now - backdated,
    notAfter: now + lifetime,
    provider,
  });
}
