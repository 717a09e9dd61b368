import { CipherSuite, type CipherSuiteName, TlsError } from "../registry/index.ts";
import { checkCodePoint, failing } from "./code-point.ts";
import { tryAead, tryHash } from "./own.ts";
import { aeadKeyLengths, hashLengths } from "./parameters.ts";
import type { Aead, AeadName, Hash, HashName, Provider } from "./provider.ts";

/** A TLS 1.3 cipher suite: an AEAD and the hash of the key schedule (RFC 9846 Appendix B.4). */
export interface Suite {
  /** IANA's name, or one of the caller's own. */
  readonly name: string;
  /** CipherSuite (RFC 9846 Appendix B.4), two bytes on the wire. */
  readonly code: number;
  /** The provider's by name; a custom object is used as it is. */
  readonly aead: AeadName | Aead;
  /** As {@link aead}. */
  readonly hash: HashName | Hash;
  /** Full-size records that one key may protect (RFC 9846 §5.5). */
  readonly recordLimit: number;
}

/** One of those that have a name in the registry: every provider has its parts. */
export interface RegisteredSuite extends Suite {
  /** The provider's slot that protects records. */
  readonly aead: AeadName;
  /** The provider's slot for the key schedule and the transcript. */
  readonly hash: HashName;
}

const suite = (
  name: CipherSuiteName,
  aead: AeadName,
  hash: HashName,
  recordLimit: number,
): RegisteredSuite => ({ name, code: CipherSuite[name], aead, hash, recordLimit });

/** RFC 9846 §5.5: 2^24.5 records for AES-GCM. ChaCha20-Poly1305 would wrap its sequence number first; 2^48 is far below. */
const gcmLimit = Math.floor(2 ** 24.5);

/** The suites, in default order of preference. */
export const suites: readonly RegisteredSuite[] = [
  suite("TLS_AES_128_GCM_SHA256", "aes-128-gcm", "sha256", gcmLimit),
  suite("TLS_AES_256_GCM_SHA384", "aes-256-gcm", "sha384", gcmLimit),
  suite("TLS_CHACHA20_POLY1305_SHA256", "chacha20-poly1305", "sha256", 2 ** 48),
];

const byCode = new Map(suites.map((entry) => [entry.code, entry]));

export const suiteByCode = (code: number): RegisteredSuite | undefined => byCode.get(code);

/** A custom cipher suite. Default of `recordLimit`: that of AES-GCM, 2^24.5. */
export type SuiteDefinition = Omit<Suite, "recordLimit"> & Partial<Suite>;

/**
 * Checks and freezes a custom cipher suite. A custom AEAD or hash is tried once.
 * @throws RangeError that says which rule the definition breaks
 */
export function defineSuite(definition: SuiteDefinition): Suite {
  const defined = Object.freeze({ recordLimit: gcmLimit, ...definition });
  checkSuite(defined);
  return defined;
}

/** @throws RangeError as {@link defineSuite} */
export function checkSuite({ name, code, aead, hash, recordLimit }: Suite): void {
  const fail = failing("cipher suite", name);
  checkCodePoint(fail, name, code);
  if (!Number.isInteger(recordLimit) || recordLimit < 1) {
    fail(`recordLimit must be a whole number of records from 1, not ${recordLimit}`);
  }
  if (typeof aead !== "string") tryAead(fail, aead);
  else if (!Object.hasOwn(aeadKeyLengths, aead))
    fail(`no provider has the AEAD ${aead}; give an object`);
  if (typeof hash !== "string") tryHash(fail, hash);
  else if (!Object.hasOwn(hashLengths, hash))
    fail(`no provider has the hash ${hash}; give an object`);
}

/** The AEAD of a suite. */
export const aeadOf = ({ aead }: Suite, provider: Provider): Aead =>
  typeof aead === "string" ? provider.aeads[aead] : aead;

/** The hash of a suite. */
export const hashOf = ({ hash }: Suite, provider: Provider): Hash =>
  typeof hash === "string" ? provider.hashes[hash] : hash;

/** Whether the provider has its parts: it may lack some. */
export const hasParts = ({ aead, hash }: Suite, { aeads, hashes }: Provider): boolean =>
  (typeof aead !== "string" || Object.hasOwn(aeads, aead)) &&
  (typeof hash !== "string" || Object.hasOwn(hashes, hash));

/** The hash of a session. @throws TlsError `misuse` for one that neither provider nor suites have */
export function hashNamed(name: string, provider: Provider): Hash {
  const hash = Object.hasOwn(provider.hashes, name) ? provider.hashes[name] : undefined;
  if (hash !== undefined) return hash;
  throw new TlsError("misuse", "a session whose hash is not known", {
    expected: `one of ${Object.keys(provider.hashes).join(", ")}, or \`suites\` with the one that has it`,
    received: name,
  });
}

/** How sessions name the hash of a suite. */
export const hashNameIn = ({ hash }: Suite): string =>
  typeof hash === "string" ? hash : hash.name;

/** Key bits of the AEAD of a suite. */
export const keyBitsOf = ({ aead }: Suite): number =>
  8 * (typeof aead === "string" ? aeadKeyLengths[aead] : aead.keyLength);
