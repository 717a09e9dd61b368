/** C2SP Wycheproof, `testvectors_v1`. */
import { type Case, type Corpus, failed, type Outcome, passed, skipped } from "./corpus.ts";
import { type JsonObject, parseJson } from "./json.ts";
import type { Answer, Check, Vector } from "./wycheproof-check.ts";
import { kemChecks } from "./wycheproof-kem.ts";
import { signatureChecks } from "./wycheproof-signature.ts";
import { type ReadKind, readWycheproof } from "./wycheproof-schema.ts";
import { symmetricChecks } from "./wycheproof-symmetric.ts";

/** By the `type` of a test group. */
const checks: Readonly<Record<ReadKind, Check>> = {
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

/** @throws UnreadableCorpus for a file of another form, and for kinds of groups and tests that are not known here */
export function parseWycheproof(text: string): Corpus {
  const { algorithm, groups } = readWycheproof(parseJson(text));
  const cases = groups.flatMap(({ kind, type, members: group, tests }) =>
    tests.map((test): Case => {
      const vector: Vector = { algorithm, group, test, result: test.result };
      return {
        id: `tcId ${test.tcId}`,
        run: (subject) =>
          kind === undefined
            ? skipped(`${type} of ${algorithm}: TLS 1.3 has no use for it`)
            : judge(vector, checks[kind](subject, vector)),
      };
    }),
  );
  return { algorithm, cases };
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
