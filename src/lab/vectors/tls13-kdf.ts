/** The steps of the TLS 1.3 key schedule; `vectors/nist/README.md` describes the form. */
import type { HashName } from "../../crypto/index.ts";
import { hkdfExpandLabel, hkdfExtract } from "../../schedule/index.ts";
import { equal, fromUtf8 } from "../../wire/index.ts";
import { type Case, type Corpus, failed, type Outcome, passed, type Subject } from "./corpus.ts";
import {
  hex,
  type JsonObject,
  number,
  objects,
  parseJson,
  string,
  UnreadableCorpus,
} from "./json.ts";

const hashNames: readonly HashName[] = ["sha256", "sha384", "sha512"];

/** @throws UnreadableCorpus */
export function parseTls13Kdf(text: string): Corpus {
  const cases = objects(parseJson(text), "tests").map((test): Case => ({
    id: `tcId ${number(test, "tcId")}`,
    run: (subject) => runStep(subject, test),
  }));
  return { algorithm: "TLS13-KDF", cases };
}

function runStep({ provider }: Subject, test: JsonObject): Outcome {
  const name = hashNames.find((known) => known === test["hash"]);
  if (name === undefined) throw new UnreadableCorpus(`hash is ${string(test, "hash")}`);
  const hash = provider.hashes[name];
  const zeros = new Uint8Array(hash.length);
  const given = (member: string) => (member in test ? hex(test, member) : undefined);
  const key = given("key") ?? zeros;
  const label = fromUtf8(given("label") ?? new Uint8Array());
  const expected = hex(test, "output");
  const extract = () => {
    const salt = given("salt") ?? zeros;
    const empty = hash.digest(new Uint8Array());
    const derived = label === "" ? salt : hkdfExpandLabel(hash, salt, label, empty, hash.length);
    return hkdfExtract(hash, derived, key);
  };
  const output =
    string(test, "step") === "extract"
      ? extract()
      : hkdfExpandLabel(hash, key, label, given("data") ?? new Uint8Array(), expected.length);
  return equal(output, expected) ? passed : failed("derived other bytes");
}
