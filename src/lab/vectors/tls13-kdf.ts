/** The steps of the TLS 1.3 key schedule; `vectors/nist/README.md` describes the form. */
import * as z from "zod/mini";
import { hexadecimal, readJson } from "../../registry/json.ts";
import { hkdfExpandLabel, hkdfExtract } from "../../schedule/index.ts";
import { equal, fromHex, fromUtf8 } from "../../wire/index.ts";
import { type Case, type Corpus, failed, type Outcome, passed, type Subject } from "./corpus.ts";
import { UnreadableCorpus } from "./json.ts";

const bytes = z.exactOptional(z.pipe(hexadecimal, z.transform(fromHex)));
const step = z.strictObject({
  tcId: z.int(),
  step: z.enum(["extract", "expand"]),
  hash: z.enum(["sha256", "sha384", "sha512"]),
  key: bytes,
  salt: bytes,
  label: bytes,
  data: bytes,
  output: z.pipe(hexadecimal, z.transform(fromHex)),
});
const schema = z.strictObject({ algorithm: z.literal("TLS13-KDF"), tests: z.array(step) });

/** @throws UnreadableCorpus */
export function parseTls13Kdf(text: string): Corpus {
  const { tests } = readJson(text, schema, (reason) => new UnreadableCorpus(reason));
  const cases = tests.map((test): Case => ({
    id: `tcId ${test.tcId}`,
    run: (subject) => runStep(subject, test),
  }));
  return { algorithm: "TLS13-KDF", cases };
}

function runStep({ provider }: Subject, test: z.infer<typeof step>): Outcome {
  const hash = provider.hashes[test.hash];
  const zeros = new Uint8Array(hash.length);
  const { key = zeros, salt = zeros, data = new Uint8Array(), output: expected } = test;
  const label = fromUtf8(test.label ?? new Uint8Array());
  const extract = () => {
    const empty = hash.digest(new Uint8Array());
    const derived = label === "" ? salt : hkdfExpandLabel(hash, salt, label, empty, hash.length);
    return hkdfExtract(hash, derived, key);
  };
  const output =
    test.step === "extract" ? extract() : hkdfExpandLabel(hash, key, label, data, expected.length);
  return equal(output, expected) ? passed : failed("derived other bytes");
}
