import type { PrivateKeyInfo, Provider } from "../crypto/provider.ts";
import type { Scheme } from "../crypto/scheme.ts";
import { TlsError } from "../registry/index.ts";

/** Signs for one key: in memory, in a token, or at the other end of a network. */
export interface Signer {
  /** Says what does the work: `@noble/curves`, `PKCS#11 …`. */
  readonly backend: string;
  /** What the key can sign in a handshake, in order of preference. */
  readonly schemes: readonly Scheme[];
  /** Signs the whole message, hashing as the scheme says; ECDSA signatures are in DER. */
  sign(scheme: Scheme, message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** A signer for a key in memory. */
export function createSigner(key: PrivateKeyInfo, provider: Provider): Signer {
  throw new TlsError("internal", `no signer yet (${key.type}, ${provider.name})`);
}
