import { describe, expect, it } from "vitest";
import { noble } from "../../../src/crypto/index.ts";
import { runCorpus } from "../../../src/lab/vectors/corpus.ts";
import { readCorpus } from "../../../src/lab/vectors/read.ts";
import { loadText, traceNames } from "../../vectors/load.ts";
import { subjects } from "../../vectors/subjects.ts";

const run = (text: string, subject = { provider: noble }) =>
  runCorpus("trace.json", readCorpus("trace.json", text), subject);

describe.each(subjects)("the traces of RFC 8448 as a corpus, on $name", ({ subject }) => {
  it.each(traceNames)("%s", (name) => {
    const row = run(loadText(`rfc8448/${name}.json`), subject);
    expect(row.failures).toEqual([]);
    expect(row.skipped).toBe(0);
    expect(row.cases).toBeGreaterThan(20);
  });
});

describe("a value that is wrong", () => {
  /** Turns the last hexadecimal digit of a member's every value into another. */
  const flipped = (name: string, member: string): string =>
    loadText(`rfc8448/${name}.json`).replaceAll(
      new RegExp(`("${member}": "[0-9a-f]*)([0-9a-f])`, "g"),
      (_, head: string, digit: string) => head + (digit === "0" ? "1" : "0"),
    );
  const problems = (name: string, member: string) =>
    new Set(run(flipped(name, member)).failures.map(({ problem }) => problem));

  it.each([
    ["simple-1rtt", "public key", "made another public key of the client"],
    ["hello-retry-request", "public key", "made another public key of the server"],
    ["simple-1rtt", "private key", "agreed on another secret"],
    ["simple-1rtt", "secret", "extracted another secret"],
    ["simple-1rtt", "expanded", "derived another secret"],
    ["simple-1rtt", "hash", "has another transcript hash"],
    ["hello-retry-request", "ServerHello", "has another transcript hash"],
    ["simple-1rtt", "Certificate", "computed another MAC"],
    ["resumed-0rtt", "binder hash", "computed another MAC"],
    ["simple-1rtt", "key expanded", "derived other keys"],
    ["simple-1rtt", "complete record", "the record does not open"],
    ["simple-1rtt", "payload", "opened to another payload"],
  ])("in %s at %s", (name, member, problem) => {
    expect(problems(name, member)).toContain(problem);
  });

  it("shows where keys are missing", () => {
    const text = loadText("rfc8448/simple-1rtt.json").replaceAll("key expanded", "no key");
    expect(run(text).failures[0]?.problem).toBe("the trace has no keys for it");
  });
});
