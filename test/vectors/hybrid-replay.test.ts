import { describe, expect, it } from "vitest";
import { runCorpus } from "../../src/lab/vectors/corpus.ts";
import { readCorpus } from "../../src/lab/vectors/read.ts";
import { hybridFiles } from "./hybrid-files.ts";
import { loadText } from "./load.ts";
import { subjects } from "./subjects.ts";

const slow = { timeout: 60_000 };

/** The only reasons for which a check of this repository may be skipped. */
const reasons = [
  "this back end takes no given randomness for ML-KEM",
  "only the recorded peer knows its private keys",
];

describe.each(subjects)("replayed on $name", slow, ({ subject }) => {
  it.each(hybridFiles)("%s", (path) => {
    const row = runCorpus(path, readCorpus(path, loadText(path)), subject);
    expect(row.failures).toEqual([]);
    expect(row.passed).toBeGreaterThan(row.skipped);
    expect(reasons).toEqual(expect.arrayContaining(row.reasons.map(({ reason }) => reason)));
  });
});
