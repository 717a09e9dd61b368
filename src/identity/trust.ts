import { TlsError } from "../registry/index.ts";
import type { Certificate } from "./certificate.ts";
import type { DistinguishedName } from "./distinguished-name.ts";

/** The certificates that are trusted without proof. */
export interface TrustStore {
  readonly anchors: readonly Certificate[];
  /** The anchors of that name. */
  find(subject: DistinguishedName): readonly Certificate[];
  /** Whether this very certificate is an anchor. */
  has(certificate: Certificate): boolean;
}

export function createTrustStore(
  certificates: string | Uint8Array | readonly (string | Uint8Array)[] | readonly Certificate[],
): TrustStore {
  throw new TlsError("internal", `no trust store yet (${certificates.length})`);
}
