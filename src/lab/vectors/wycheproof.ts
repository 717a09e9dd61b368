/** C2SP Wycheproof, `testvectors_v1`. */
import { type Case, type Corpus, failed, type Outcome, passed, skipped } from "./corpus.ts";
import { type JsonObject, number, objects, parseJson, string, UnreadableCorpus } from "./json.ts";
import type { Answer, Check, Vector } from "./wycheproof-check.ts";
import { kemChecks } from "./wycheproof-kem.ts";
import { signatureChecks } from "./wycheproof-signature.ts";
import { symmetricChecks } from "./wycheproof-symmetric.ts";

/** By the `type` of a test group. */
const checks: Readonly<Record<string, Check>> = {
  ...kemChecks,
  ...signatureChecks,
  ...symmetricChecks,
};

/** Where Wycheproof leaves the answer open, TLS does not. The first flag that a test has decides. */
const tlsExpects: readonly { readonly flag: string; readonly answer: "accepted" | "rejected" }[] = [
  /** RFC 9846 §7.4.2: an all-zero secret aborts the handshake. */
  { flag: "ZeroSharedSecret", answer: "rejected" },
  /** RFC 9846 §4.3.8.2: points are uncompressed. */
  { flag: "CompressedPoint", answer: "rejected" },
  /** RFC 8017 §9.2: the parameters of the hash are NULL. */
  { flag: "MissingNull", answer: "rejected" },
  /** RFC 7748 §5: values that are not reduced are taken, and so are points of the twist. */
  { flag: "NonCanonicalPublic", answer: "accepted" },
  { flag: "Twist", answer: "accepted" },
];

/** @throws UnreadableCorpus */
export function parseWycheproof(text: string): Corpus {
  const json = parseJson(text);
  // The JOSE files name a schema only.
  const algorithm = string(json, json["algorithm"] === undefined ? "schema" : "algorithm");
  const cases = objects(json, "testGroups").flatMap((group) =>
    objects(group, "tests").map((test) =>
      toCase({ algorithm, group, test, result: resultOf(test) }),
    ),
  );
  return { algorithm, cases };
}

function toCase(vector: Vector): Case {
  const type = string(vector.group, "type");
  const check = checks[type];
  return {
    id: `tcId ${number(vector.test, "tcId")}`,
    run: (subject) =>
      check === undefined
        ? skipped(`${type} of ${vector.algorithm}: TLS 1.3 has no use for it`)
        : judge(vector, check(subject, vector)),
  };
}

function resultOf(test: JsonObject): Vector["result"] {
  const result = string(test, "result");
  if (result === "valid" || result === "invalid" || result === "acceptable") return result;
  throw new UnreadableCorpus(`result is ${result}`);
}

function judge({ result, test }: Vector, answer: Answer): Outcome {
  if (typeof answer === "object" && "skip" in answer) return skipped(answer.skip);
  const comment = typeof test["comment"] === "string" ? ` (${test["comment"]})` : "";
  if (typeof answer === "object") return failed(`${answer.wrong}${comment}`);
  const expected = expectedAnswer(result, test);
  if (expected === "either" || answer === expected) return passed;
  return failed(`${answer}, but it is ${result}${comment}`);
}

function expectedAnswer(
  result: Vector["result"],
  test: JsonObject,
): "accepted" | "rejected" | "either" {
  if (result !== "acceptable") return result === "valid" ? "accepted" : "rejected";
  const flags: readonly unknown[] = Array.isArray(test["flags"]) ? test["flags"] : [];
  return tlsExpects.find(({ flag }) => flags.includes(flag))?.answer ?? "either";
}
