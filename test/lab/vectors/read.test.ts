import { describe, expect, it } from "vitest";
import { failed, passed, runCorpus, skipped } from "../../../src/lab/vectors/corpus.ts";
import { UnknownFormat, UnreadableCorpus } from "../../../src/lab/vectors/json.ts";
import { readCorpus } from "../../../src/lab/vectors/read.ts";
import { noble } from "../../../src/crypto/index.ts";

describe("files that are no corpus", () => {
  it.each([
    ["a.json", "{", /not JSON/],
    ["a.json", "[]", /not an object/],
    ["a.json", "{}", /no vectors of a known format/],
    ["a.json", '{"schema":"x","algorithm":1}', /^algorithm: expected text, got 1$/],
    ["a.json", '{"schema":"x","algorithm":"ECDSA"}', /^testGroups: expected a list, got nothing$/],
    [
      "a.json",
      '{"schema":"x","algorithm":"ECDSA","testGroups":[1]}',
      /^testGroups\[0\]: expected an object/,
    ],
    [
      "a.json",
      '{"schema":"x","algorithm":"A","testGroups":[{"type":"XdhComp","tests":[{"tcId":1,"result":"fine"}]}]}',
      /tests\[0\].result: expected one of valid, invalid, acceptable, got "fine"/,
    ],
    ["a.json", '{"vsId":1,"algorithm":"ML-KEM","mode":"keyGen"}', /testGroups is not a list/],
    ["a.json", '{"algorithm":"TLS13-KDF"}', /tests: expected a list, got nothing/],
    ["a.rsp", "", /no records/],
    ["a.rsp", "a line of prose", /not a line of a response file/],
    ["a.rsp", "Key = 00\nCt = 11\n", /unknown fields/],
  ])("%s with %j", (name, text, message) => {
    expect(() => readCorpus(name, text)).toThrow(UnreadableCorpus);
    expect(() => readCorpus(name, text)).toThrow(message);
  });
});

it.each([
  ["a.json", "{}", true],
  ["a.json", '{"type":"object"}', true],
  ["a.json", "[1]", true],
  ["a.rsp", "Key = 00\nCt = 11\n", true],
  ["a.rsp", "[ENCRYPT]\n[P-192, SHA-1]\nResult = F (2 - R changed)\n", true],
  ["a.json", "{", false],
  ["a.json", '{"vsId":1,"algorithm":"ML-KEM","mode":"keyGen"}', false],
  ["a.rsp", "a line of prose", false],
])("%s with %j is of an unknown format: %s", (name, text, isUnknown) => {
  try {
    readCorpus(name, text);
    expect.unreachable();
  } catch (error) {
    expect(error instanceof UnknownFormat).toBe(isUnknown);
  }
});

describe("a row", () => {
  it("counts what passed, failed and was skipped, and a case that throws as failed", () => {
    const outcomes = [
      () => passed,
      () => failed("no"),
      () => skipped("b"),
      () => skipped("a"),
      () => skipped("a"),
      () => {
        throw new TypeError("oops");
      },
    ];
    const cases = outcomes.map((run, index) => ({ id: String(index), run }));
    expect(runCorpus("f", { algorithm: "A", cases }, { provider: noble })).toEqual({
      file: "f",
      algorithm: "A",
      cases: 6,
      passed: 1,
      failed: 2,
      skipped: 3,
      reasons: [
        { reason: "a", cases: 2 },
        { reason: "b", cases: 1 },
      ],
      failures: [
        { id: "1", problem: "no" },
        { id: "5", problem: "TypeError: oops" },
      ],
    });
  });
});
