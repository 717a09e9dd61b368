import { CipherSuite, type CipherSuiteName } from "../registry/index.ts";
import type { AeadName, HashName } from "./provider.ts";

/** A TLS 1.3 cipher suite: an AEAD and the hash of the key schedule (RFC 9846 Appendix B.4). */
export interface Suite {
  readonly name: string;
  readonly code: number;
  readonly aead: AeadName;
  readonly hash: HashName;
  /** Full-size records that one key may protect (RFC 9846 §5.5). */
  readonly recordLimit: number;
}

const suite = (
  name: CipherSuiteName,
  aead: AeadName,
  hash: HashName,
  recordLimit: number,
): Suite => ({ name, code: CipherSuite[name], aead, hash, recordLimit });

/** RFC 9846 §5.5: 2^24.5 records for AES-GCM. ChaCha20-Poly1305 would wrap its sequence number first; 2^48 is far below. */
const gcmLimit = Math.floor(2 ** 24.5);

/** The suites, in default order of preference. */
export const suites: readonly Suite[] = [
  suite("TLS_AES_128_GCM_SHA256", "aes-128-gcm", "sha256", gcmLimit),
  suite("TLS_AES_256_GCM_SHA384", "aes-256-gcm", "sha384", gcmLimit),
  suite("TLS_CHACHA20_POLY1305_SHA256", "chacha20-poly1305", "sha256", 2 ** 48),
];

const byCode = new Map(suites.map((entry) => [entry.code, entry]));

export const suiteByCode = (code: number): Suite | undefined => byCode.get(code);
