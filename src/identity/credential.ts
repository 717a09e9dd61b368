import type { PrivateKeyInfo, Provider } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import type { Certificate } from "./certificate.ts";
import type { Signer } from "./signer.ts";

/** What one end proves its identity with. */
export interface Credential {
  /** Leaf first; each next certificate certifies the one before (RFC 9846 §4.5.1). */
  readonly chain: readonly Certificate[];
  readonly signer: Signer;
}

export interface CredentialInput {
  readonly certificates:
    | string
    | Uint8Array
    | readonly (string | Uint8Array)[]
    | readonly Certificate[];
  readonly privateKey: string | Uint8Array | PrivateKeyInfo;
  readonly provider: Provider;
}

/** Puts a chain and its private key together, and checks that they belong together. */
export function createCredential(input: CredentialInput): Credential {
  throw new TlsError("internal", `no credential yet (${input.provider.name})`);
}
