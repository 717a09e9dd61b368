import { describe, expect, it } from "vitest";
import { runCorpus } from "../../src/lab/vectors/corpus.ts";
import { parseJson, toObject } from "../../src/lab/vectors/json.ts";
import { readCorpus } from "../../src/lab/vectors/read.ts";
import { loadText } from "./load.ts";
import { subjects } from "./subjects.ts";

const manifest = parseJson(loadText("manifest.json"));

/** The only reasons for which a case of this repository may be skipped. */
const reasons: readonly RegExp[] = [
  /^TLS 1\.3 has no use for (AES-GCM with 192-bit keys|a nonce of other than 96 bits)$/,
  /^TLS 1\.3 has no use for (a context|given randomness) of ML-DSA$/,
  /^TLS 1\.3 has no use for a message that was hashed elsewhere$/,
  /^a seed is always 32 bytes where the engine makes it$/,
  /^the key is taken; this back end takes no given randomness to compare the ciphertext with$/,
];

/** Which test file runs which of Wycheproof's files. */
export const parts = {
  kem: /\/(ecdh|x25519|x448|mlkem)_/,
  signature: /\/(ecdsa|ed25519|ed448|mldsa|rsa)_/,
  symmetric: /\/(aes|chacha20|hkdf|hmac)_/,
} as const;

/** node:crypto takes no randomness for ML-DSA and ML-KEM: there is nothing to compare. */
const needsRandomness = /mldsa_\d+_sign|ML-KEM-encapsulation/;

/** Declares a test for every file and provider: no case fails, some pass, and none is left out unsaid. */
export function testCorpora(files: readonly string[]): void {
  describe.each(subjects)("on $name", ({ name, subject }) => {
    it.each(files.filter((file) => name !== "native" || !needsRandomness.test(file)))(
      "%s",
      { timeout: 60_000 },
      (file) => {
        const row = runCorpus(file, readCorpus(file, loadText(file)), subject);
        expect(row.failures).toEqual([]);
        expect(row.passed).toBeGreaterThan(0);
        expect(row.passed + row.skipped).toBe(row.cases);
        expect(row.cases).toBe(toObject(manifest[file], file)["cases"]);
        const unexplained = row.reasons.filter(
          ({ reason }) => !reasons.some((known) => known.test(reason)),
        );
        expect(unexplained).toEqual([]);
      },
    );
  });
}
