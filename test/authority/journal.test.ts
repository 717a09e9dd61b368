import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AuthorityError } from "../../src/authority/errors.ts";
import { type Entry, readJournal, writeJournal } from "../../src/authority/journal.ts";
import { emptyFolders } from "./folders.ts";

const folder = emptyFolders();
describe("the index", () => {
  const entry: Entry = {
    serial: "01",
    name: "a",
    issuer: "root",
    profile: "server",
    subject: "CN=a",
    notBefore: "2026-11-01T00:00:00.000Z",
    notAfter: "2026-12-01T00:00:00.000Z",
  };
  const revoked: Entry = { ...entry, revoked: { at: entry.notBefore, reason: "superseded" } };

  it("is a line for each certificate", () => {
    expect(readJournal(folder.at("index.jsonl"))).toEqual([]);
    writeJournal(folder.at("index.jsonl"), [entry, revoked]);
    expect(readJournal(folder.at("index.jsonl"))).toEqual([entry, revoked]);
    expect(readFileSync(folder.at("index.jsonl"), "utf8").split("\n")).toHaveLength(3);
  });

  it.each([
    ["{", /index\.jsonl:2: is no JSON/],
    ["[]", /index\.jsonl:2: has no serial/],
    ["null", /index\.jsonl:2: has no serial/],
    [JSON.stringify({ ...entry, notAfter: 5 }), /:2: has no notAfter/],
    [JSON.stringify({ ...entry, revoked: { at: "x", reason: "y" } }), /:2: says revoked without/],
  ])("%s is refused with its line", (line, message) => {
    writeFileSync(folder.at("index.jsonl"), `${JSON.stringify(entry)}\n${line}\n`);
    expect(() => readJournal(folder.at("index.jsonl"))).toThrow(message);
    expect(() => readJournal(folder.at("index.jsonl"))).toThrow(AuthorityError);
  });
});
