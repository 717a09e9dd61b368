/** Private keys under a passphrase: PKCS #8 (RFC 5958 §3) with PBES2 (RFC 8018 §6.2). */
import { cbc } from "@noble/ciphers/aes.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { pbkdf2 } from "@noble/hashes/pbkdf2.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { PrivateKeyInfo, Provider } from "../../crypto/provider.ts";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import { DecodeError, utf8, wipe } from "../../wire/index.ts";
import { type AlgorithmIdentifier, readAlgorithm } from "./algorithm.ts";
import { type DerReader, readDer } from "../der/der-reader.ts";
import { Tag } from "../der/der-tags.ts";
import { der, octetString, oid, sequence, unsigned } from "../der/der-writer.ts";
import { PasswordOid } from "../der/oids.ts";

/** Rounds where the options name none. */
export const standardIterations = 600_000;

/** How something is encrypted under a passphrase. */
export interface EncryptionOptions {
  /** Derives the key, encrypts, and gives salt and initialization vector. */
  readonly provider: Provider;
  /**
   * Rounds of PBKDF2: what an attacker must pay for each guess, and we at each use. Default: 600 000, as
   * OWASP's Password Storage Cheat Sheet asks for HMAC-SHA256.
   */
  readonly iterations?: number;
}

export const checkEncryption = check.complete(
  {
    provider: check.like("a provider, such as noble", "random"),
    iterations: check.whole(1),
  } satisfies check.OptionTable<EncryptionOptions>,
  "write { provider }",
  ["provider"],
);

/**
 * Encrypts a private key with AES-256-CBC under PBKDF2-HMAC-SHA256, as `openssl pkcs8 -topk8` does.
 * @returns EncryptedPrivateKeyInfo, the contents of an ENCRYPTED PRIVATE KEY block
 * @throws TypeError or RangeError for options that cannot be
 */
export function encryptPrivateKey(
  { pkcs8 }: Pick<PrivateKeyInfo, "pkcs8">,
  passphrase: string,
  options: EncryptionOptions,
): Uint8Array {
  checkEncryption(options, "encryptPrivateKey");
  const { provider, iterations = standardIterations } = options;
  const salt = provider.random(16);
  const iv = provider.random(16);
  const key = pbkdf2(sha256, utf8(passphrase), salt, { c: iterations, dkLen: 32 });
  const ciphertext = cbc(key, iv).encrypt(pkcs8);
  wipe(key);
  const derivation = sequence(
    oid(PasswordOid.pbkdf2),
    sequence(
      octetString(salt),
      unsigned(iterations),
      sequence(oid(PasswordOid.hmacWithSHA256), der(Tag.null)),
    ),
  );
  const scheme = sequence(oid(PasswordOid.aes256Cbc), octetString(iv));
  const algorithm = sequence(oid(PasswordOid.pbes2), sequence(derivation, scheme));
  return sequence(algorithm, octetString(ciphertext));
}

/**
 * Decrypts EncryptedPrivateKeyInfo with PBES2: AES-CBC under PBKDF2.
 * @param spend is told how many rounds there will be, before them
 * @returns PrivateKeyInfo in DER; whether it is one shows only when it is read
 * @throws DecodeError, or TlsError `misuse` for another algorithm and a wrong passphrase
 */
export function decryptPrivateKey(
  encrypted: Uint8Array,
  passphrase: string,
  spend?: (rounds: number) => void,
): Uint8Array {
  const { parameters, ciphertext } = readDer(encrypted, (reader) =>
    reader.sequence("EncryptedPrivateKeyInfo", (contents) => ({
      parameters: pbes2Parameters(readAlgorithm(contents, "encryptionAlgorithm")),
      ciphertext: contents.octetString("encryptedData"),
    })),
  );
  const { hash, salt, iterations, keyLength, iv } = parameters;
  spend?.(iterations);
  const key = pbkdf2(hash, utf8(passphrase), salt, { c: iterations, dkLen: keyLength });
  try {
    return cbc(key, iv).decrypt(ciphertext);
  } catch (cause) {
    throw wrongPassphrase(cause);
  } finally {
    wipe(key);
  }
}

/** What a wrong passphrase and a damaged key have in common: the padding tells no more. */
export const wrongPassphrase = (cause: unknown): TlsError =>
  new TlsError("misuse", "the passphrase is wrong, or the encrypted key is damaged", {
    where: "EncryptedPrivateKeyInfo.encryptedData",
    section: "RFC 8018 §6.2.2",
    cause,
  });

interface Pbes2 {
  readonly hash: typeof sha256 | typeof sha512 | typeof sha1;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** Bytes. */
  readonly keyLength: number;
  readonly iv: Uint8Array;
}

function pbes2Parameters({ oid: algorithm, parameters }: AlgorithmIdentifier): Pbes2 {
  if (algorithm !== PasswordOid.pbes2 || parameters === undefined) {
    throw unsupported("encryption", algorithm);
  }
  return readDer(parameters, (reader) =>
    reader.sequence("PBES2-params", (contents) => {
      const derivation = readAlgorithm(contents, "keyDerivationFunc");
      const scheme = readAlgorithm(contents, "encryptionScheme");
      const keyLength = ciphers.get(scheme.oid);
      if (keyLength === undefined) throw unsupported("cipher", scheme.oid);
      if (derivation.oid !== PasswordOid.pbkdf2) {
        throw unsupported("key derivation", derivation.oid);
      }
      return {
        ...readDer(required(derivation), (inner) => readPbkdf2(inner, keyLength)),
        keyLength,
        iv: readDer(required(scheme), (inner) => exactly(16, inner.octetString("iv"))),
      };
    }),
  );
}

/** PBKDF2-params (RFC 8018 §A.2). */
function readPbkdf2(
  reader: DerReader,
  keyLength: number,
): Pick<Pbes2, "hash" | "salt" | "iterations"> {
  return reader.sequence("PBKDF2-params", (contents) => {
    const salt = contents.octetString("salt");
    const iterations = contents.count("iterationCount");
    if (iterations < 1 || iterations > maxIterations) {
      throw new DecodeError(`expected 1 to ${maxIterations}, got ${iterations}`, "iterationCount");
    }
    const length = contents.tag === Tag.integer ? contents.count("keyLength") : keyLength;
    if (length !== keyLength) {
      throw new DecodeError(`expected ${keyLength}, got ${length}`, "keyLength");
    }
    const prf = contents.atEnd ? PasswordOid.hmacWithSHA1 : readAlgorithm(contents, "prf").oid;
    const hash = hashes.get(prf);
    if (hash === undefined) throw unsupported("pseudorandom function", prf);
    return { salt, iterations, hash };
  });
}

/** Ten times what is recommended today; more would only keep us busy. */
const maxIterations = 6_000_000;

/** Key lengths in bytes. */
const ciphers = new Map<string, number>([
  [PasswordOid.aes128Cbc, 16],
  [PasswordOid.aes192Cbc, 24],
  [PasswordOid.aes256Cbc, 32],
]);

const hashes = new Map<string, Pbes2["hash"]>([
  [PasswordOid.hmacWithSHA1, sha1],
  [PasswordOid.hmacWithSHA256, sha256],
  [PasswordOid.hmacWithSHA384, sha384],
  [PasswordOid.hmacWithSHA512, sha512],
]);

function required({ oid: algorithm, parameters }: AlgorithmIdentifier): Uint8Array {
  if (parameters === undefined) throw new DecodeError(`${algorithm} needs parameters`);
  return parameters;
}

function exactly(length: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length === length) return bytes;
  throw new DecodeError(`expected ${length} bytes, got ${bytes.length}`, "iv");
}

const unsupported = (what: string, id: string): TlsError =>
  new TlsError("misuse", `the key is encrypted with a ${what} that is not supported (${id})`, {
    expected: "PBES2 with PBKDF2 and AES-CBC, as `openssl pkcs8 -topk8 -v2 aes256` writes it",
    where: "EncryptedPrivateKeyInfo.encryptionAlgorithm",
    section: "RFC 8018 §6.2",
  });
