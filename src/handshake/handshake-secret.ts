import type { Hash } from "../crypto/index.ts";
import { TlsError } from "../registry/index.ts";
import { type EarlySecret, HandshakeSecret, type SecretOwners } from "../schedule/index.ts";

/** §7.1: from the PSK and the exchange, from the exchange alone, or from the PSK alone. */
export function extractHandshakeSecret(
  hash: Hash,
  early: EarlySecret | undefined,
  sharedSecret: Uint8Array | undefined,
  owners: SecretOwners,
): HandshakeSecret {
  if (early !== undefined) return early.handshake(sharedSecret);
  if (sharedSecret === undefined) {
    throw new TlsError("internal", "neither a PSK nor a key exchange was negotiated");
  }
  return HandshakeSecret.withoutPsk(hash, sharedSecret, owners);
}
