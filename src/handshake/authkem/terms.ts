import type { Provider, PublicKeyInfo } from "../../crypto/index.ts";
import type { DerivedSecret, Role, Schedule, Transcript } from "../../schedule/index.ts";
import type { Carrier, Cipher } from "../carrier.ts";
import type { KeyLogger } from "../key-logger.ts";

/** What stands when a handshake goes on as AuthKEM: both ends have their handshake keys. */
export interface KemTerms<R extends Role, Config> {
  readonly config: Config;
  readonly link: Carrier<R>;
  readonly transcript: Transcript;
  readonly cipher: Cipher;
  readonly keyLog: KeyLogger;
  readonly schedule: Schedule;
  readonly derived: DerivedSecret;
}

/** certificate_request_context within a handshake (RFC 9846 §4.4.2). */
export const noContext = new Uint8Array(0);

/**
 * key_fingerprint (draft-wiggers-tls-authkem-psk-05 §4.2.1): SHA-256, 32 bytes. The draft does not say of what; here it
 * is the SubjectPublicKeyInfo.
 */
export const fingerprintOf = ({ spki }: PublicKeyInfo, { hashes }: Provider): Uint8Array =>
  hashes.sha256.digest(spki);
