import type { Hash } from "../crypto/index.ts";
import { TlsError } from "../registry/index.ts";
import { EarlySecret, HandshakeSecret } from "../schedule/index.ts";
import type { Psk } from "./psk.ts";

/** §7.1: from the PSK and the exchange, from the exchange alone, or from the PSK alone. */
export function extractHandshakeSecret(
  hash: Hash,
  psk: Psk | undefined,
  sharedSecret: Uint8Array | undefined,
): HandshakeSecret {
  if (psk !== undefined) {
    const early = new EarlySecret(hash, psk.secret);
    const secret = early.handshake(sharedSecret);
    early.wipe();
    return secret;
  }
  if (sharedSecret === undefined) {
    throw new TlsError("internal", "neither a PSK nor a key exchange was negotiated");
  }
  return HandshakeSecret.withoutPsk(hash, sharedSecret);
}
