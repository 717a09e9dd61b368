/** What algorithms of the caller's own must keep to. Those of a provider are taken as they are. */
import { TlsError } from "../registry/index.ts";
import { concat, equal, isBytes } from "../wire/index.ts";
import type { Fail } from "./code-point.ts";
import { isAssigned } from "./oids.ts";
import { hashLengths, tagLength } from "./parameters.ts";
import {
  type Aead,
  type Hash,
  isOid,
  type PrivateKeyInfo,
  type PublicKeyInfo,
  type SignatureAlgorithm,
} from "./provider.ts";

/** Its members are there, and its identifiers are nobody else's. */
export function checkAlgorithm(fail: Fail, algorithm: SignatureAlgorithm): void {
  const given: Partial<SignatureAlgorithm> = algorithm;
  const { name = "", keyTypes = [], verifier, signer, generateKey } = given;
  if (!isOid(name)) {
    fail(`its algorithm is named by an object identifier, such as "1.3.6.1.4.1.…", not ${name}`);
  }
  if (keyTypes.length === 0) fail("its algorithm names no keyTypes");
  for (const oid of [name, ...keyTypes.filter(isOid)]) {
    if (isAssigned(oid)) fail(`the object identifier ${oid} is another algorithm's; take your own`);
  }
  if (typeof verifier !== "function") fail("its algorithm has no verifier");
  for (const [member, value] of Object.entries({ signer, generateKey })) {
    if (value !== undefined && typeof value !== "function") fail(`its ${member} is not a function`);
  }
}

/**
 * Imports a public key. An answer that is not a boolean proves nothing: a promise above all would pass for true.
 * @throws InvalidKey; the function throws TlsError `misuse` for an algorithm that does not answer
 */
export function importVerifier(
  algorithm: SignatureAlgorithm,
  key: PublicKeyInfo,
): (message: Uint8Array, signature: Uint8Array) => boolean {
  const verify = algorithm.verifier(key);
  return (message, signature) => {
    const answer: unknown = verify(message, signature);
    if (typeof answer === "boolean") return answer;
    throw new TlsError("misuse", `the verifier of ${algorithm.name} does not answer`, {
      expected: "true or false, at once",
      received: typeof answer === "object" ? "an object: a promise?" : typeof answer,
    });
  };
}

/**
 * Imports a private key; `undefined` for an algorithm that only verifies.
 * @throws InvalidKey; the function throws TlsError `misuse` for what is not a signature
 */
export function importSigner(
  algorithm: SignatureAlgorithm,
  key: PrivateKeyInfo,
): ((message: Uint8Array) => Uint8Array) | undefined {
  const sign = algorithm.signer?.(key);
  return sign && ((message) => checkSignature(algorithm.name, sign(message)));
}

/** @throws TlsError `misuse` for what does not fit into CertificateVerify (RFC 9846 §4.5.2) */
export function checkSignature(name: string, signature: unknown): Uint8Array {
  const isSignature = isBytes(signature);
  if (isSignature && signature.length <= 0xffff) return signature;
  throw new TlsError("misuse", `what signs with ${name} gives no signature`, {
    expected: "a Uint8Array of at most 65535 bytes",
    received: isSignature ? `${signature.length} bytes` : typeof signature,
    section: "RFC 9846 §4.5.2",
  });
}

/** Those that were found to be as they should: each is tried once. */
const tried = new WeakSet<Aead | Hash>();

/** Seals and opens a record, and one that was changed. */
export function tryAead(fail: Fail, aead: Aead): void {
  if (tried.has(aead)) return;
  const what = `its AEAD ${aead.name}`;
  if (!Number.isInteger(aead.keyLength) || aead.keyLength < 1 || aead.keyLength > 0xff) {
    fail(`${what}: keyLength must be 1 to 255 bytes, not ${aead.keyLength}`);
  }
  const [nonce, data] = [new Uint8Array(12), Uint8Array.of(1, 2, 3, 4, 5)];
  const [plaintext, trailer] = [Uint8Array.of(6, 7, 8), Uint8Array.of(9)];
  const whole = concat(plaintext, trailer);
  const key = attempt(fail, `${what}: importKey`, () =>
    aead.importKey(new Uint8Array(aead.keyLength)),
  );
  const sealed = attempt(fail, `${what}: seal`, () =>
    concat(...key.seal(nonce, data, plaintext, trailer)),
  );
  const expected = whole.length + tagLength;
  if (sealed.length !== expected) {
    fail(
      `${what}: seal must give plaintext, trailer and a tag of ${tagLength} bytes: ${expected} bytes, not ${sealed.length}`,
    );
  }
  const open = (ciphertext: Uint8Array): unknown =>
    attempt(fail, `${what}: open`, () => key.open(nonce, data, ciphertext));
  const opened = open(sealed);
  if (!isBytes(opened) || !equal(opened, whole)) {
    fail(`${what}: open does not give back what seal took`);
  }
  const changed = Uint8Array.from(sealed, (byte, at) => (at === 0 ? byte ^ 1 : byte));
  if (open(changed) !== undefined) fail(`${what}: open must give undefined for what was changed`);
  if (open(sealed.subarray(0, tagLength - 1)) !== undefined) {
    fail(`${what}: open must give undefined for less than a tag`);
  }
  key.wipe();
  tried.add(aead);
}

/** Hashes the same bytes at once, in two parts, and from a copy. */
export function tryHash(fail: Fail, hash: Hash): void {
  if (tried.has(hash)) return;
  const what = `its hash ${hash.name}`;
  if (Object.hasOwn(hashLengths, hash.name)) {
    fail(`${what} has the name of a provider's; give it another`);
  }
  // RFC 9846 §4.3.11: a PskBinderEntry
  if (!Number.isInteger(hash.length) || hash.length < 32 || hash.length > 0xff) {
    fail(`${what}: length must be 32 to 255 bytes, not ${hash.length}`);
  }
  const [first, second] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  attempt(fail, what, () => {
    const whole = hash.digest(concat(first, second));
    const mac = hash.hmac(first, second);
    for (const [from, { length }] of Object.entries({ digest: whole, hmac: mac })) {
      if (length !== hash.length)
        fail(`${what}: ${from} must give ${hash.length} bytes, not ${length}`);
    }
    const running = hash.start();
    running.update(first);
    const copy = running.copy();
    copy.update(second);
    running.digest();
    running.update(second);
    if (!equal(running.digest(), whole) || !equal(copy.digest(), whole)) {
      fail(`${what}: start() must come to the same as digest`);
    }
  });
  tried.add(hash);
}

function attempt<T>(fail: Fail, what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof RangeError && cause.message.includes(what)) throw cause;
    return fail(`${what} throws: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
