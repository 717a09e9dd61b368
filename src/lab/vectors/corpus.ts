/** What every format of test vectors is read into, and what comes of running it. */
import type { Provider, RandomSource } from "../../crypto/index.ts";

/** The implementation under test. */
export interface Subject {
  /** The cryptography that is tested. */
  readonly provider: Provider;
  /**
   * The same provider over a random source of the corpus's choosing: the way in for seeds of signing
   * keys. A slot that another back end fills then is not under test, and its cases are skipped.
   */
  readonly seeded?: (random: RandomSource) => Provider;
}

/** What came of one case; a case that the subject cannot run is skipped, with the reason. */
export type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly problem: string }
  | { readonly kind: "skipped"; readonly reason: string };

/** One test of a corpus. */
export interface Case {
  /** The corpus's own number or name for it. */
  readonly id: string;
  /** Runs the case; what it throws counts as a failure. */
  run(subject: Subject): Outcome;
}

/** A file of test vectors that was read: cases for one algorithm. */
export interface Corpus {
  /** What is tested, as the corpus calls it. */
  readonly algorithm: string;
  /** In the order of the file. */
  readonly cases: readonly Case[];
}

/** What came of one file. `cases` is the sum of `passed`, `failed` and `skipped`. */
export interface Row {
  /** Its name, as it was given. */
  readonly file: string;
  /** What was tested, as the corpus calls it. */
  readonly algorithm: string;
  /** How many there are. */
  readonly cases: number;
  /** How many gave the answer of the corpus. */
  readonly passed: number;
  /** How many gave another, or an error. */
  readonly failed: number;
  /** How many were not run. */
  readonly skipped: number;
  /** Why cases were skipped, the most frequent reason first. */
  readonly reasons: readonly { readonly reason: string; readonly cases: number }[];
  /** Each case that failed, and how. */
  readonly failures: readonly { readonly id: string; readonly problem: string }[];
}

export const passed: Outcome = { kind: "passed" };
export const failed = (problem: string): Outcome => ({ kind: "failed", problem });
export const skipped = (reason: string): Outcome => ({ kind: "skipped", reason });

/** Runs a corpus. A case that throws failed. */
export function runCorpus(file: string, corpus: Corpus, subject: Subject): Row {
  const reasons = new Map<string, number>();
  const failures: { id: string; problem: string }[] = [];
  let passes = 0;
  for (const test of corpus.cases) {
    const outcome = runCase(test, subject);
    if (outcome.kind === "passed") passes++;
    else if (outcome.kind === "failed") failures.push({ id: test.id, problem: outcome.problem });
    else reasons.set(outcome.reason, (reasons.get(outcome.reason) ?? 0) + 1);
  }
  return {
    file,
    algorithm: corpus.algorithm,
    cases: corpus.cases.length,
    passed: passes,
    failed: failures.length,
    skipped: corpus.cases.length - passes - failures.length,
    reasons: [...reasons]
      .map(([reason, cases]) => ({ reason, cases }))
      .toSorted((a, b) => b.cases - a.cases),
    failures,
  };
}

function runCase(test: Case, subject: Subject): Outcome {
  try {
    return test.run(subject);
  } catch (error) {
    return failed(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}
