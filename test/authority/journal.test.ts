import { appendFileSync, copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AuthorityError } from "../../src/authority/errors.ts";
import { audit, Journal } from "../../src/authority/journal.ts";
import type { Issuing, Line } from "../../src/authority/lines.ts";
import { Records } from "../../src/authority/records.ts";
import { emptyFolders } from "./folders.ts";

const folder = emptyFolders();
const open = (): Journal => new Journal(folder.at("journal.jsonl"));
const text = (): string => readFileSync(folder.at("journal.jsonl"), "utf8");

const issuing: Issuing = {
  type: "issuing",
  serial: "01",
  name: "a",
  issuer: "root",
  profile: "server",
  subject: "CN=a",
  names: { dns: ["a.example"] },
  key: "00",
  notBefore: "2026-11-01T00:00:00.000Z",
  notAfter: "2026-12-01T00:00:00.000Z",
};
const at = issuing.notBefore;
const around = { when: at, who: "ann", hash: "0".repeat(64) };
const issued: Line = { type: "issued", serial: "01" };
const revoked: Line = { type: "revoked", serials: ["01"], at, reason: "superseded" };
const list: Line = { type: "list", issuer: "root", number: 1, at };

describe("the journal", () => {
  it("is a line for each event, and is only added to", () => {
    const journal = open();
    expect(journal.read()).toEqual({ isNew: false, lines: [] });
    journal.append(issuing, issued);
    const before = text();
    journal.append(revoked, list);
    expect(text().startsWith(before)).toBe(true);
    expect(text().split("\n")).toHaveLength(5);
    expect(open().read().lines).toEqual([issuing, issued, revoked, list]);
  });

  it("is read from where one was", () => {
    const [writer, reader] = [open(), open()];
    writer.append(issuing);
    expect(reader.read()).toEqual({ isNew: true, lines: [issuing] });
    writer.append(issued);
    expect(reader.read()).toEqual({ isNew: false, lines: [issued] });
    expect(reader.read()).toEqual({ isNew: false, lines: [] });
  });

  it("does not believe what was half written, and writes over it", () => {
    open().append(issuing);
    const whole = text();
    for (const torn of ['{"type":"iss', JSON.stringify(revoked), "\0\0\0"]) {
      writeFileSync(folder.at("journal.jsonl"), whole + torn);
      const journal = open();
      expect(journal.read().lines).toEqual([issuing]);
      journal.append(issued);
      expect(text().startsWith(whole)).toBe(true);
      expect(audit(journal.path).lines.map(({ event }) => event)).toEqual([issuing, issued]);
    }
  });

  it("notices that another file is in its place, or none", () => {
    const journal = open();
    journal.append(issuing, issued);
    copyFileSync(folder.at("journal.jsonl"), folder.at("backup"));
    journal.append(revoked);
    rmSync(folder.at("journal.jsonl"));
    expect(journal.read()).toEqual({ isNew: true, lines: [] });
    copyFileSync(folder.at("backup"), folder.at("journal.jsonl"));
    expect(journal.read()).toEqual({ isNew: true, lines: [issuing, issued] });
  });

  it.each([
    ["{", /journal\.jsonl:2: is not JSON/],
    ["", /journal\.jsonl:2: is not JSON/],
    ["[]", /journal\.jsonl:2: is of no known type/],
    ["null", /journal\.jsonl:2: is of no known type/],
    ['{"type":"toString"}', /:2: is of no known type/],
    [JSON.stringify({ ...issuing, serial: "0x1" }), /:2: has no usable serial/],
    [JSON.stringify({ ...issuing, notAfter: 5 }), /:2: has no usable notAfter/],
    [JSON.stringify({ ...issuing, names: { dns: "a" } }), /:2: has no usable names/],
    [JSON.stringify({ ...issuing, ...around, color: "red" }), /:2: has an unknown color/],
    [JSON.stringify({ ...revoked, reason: "y" }), /:2: has no usable reason/],
    [JSON.stringify({ ...list, number: 1.5 }), /:2: has no usable number/],
    [JSON.stringify({ ...list, ...around, hash: "x" }), /:2: has no usable hash/],
    [JSON.stringify({ ...list, ...around, when: "today" }), /:2: has no usable when/],
    [JSON.stringify(list), /:2: has no usable when/],
  ])("%s is refused with its line", (line, message) => {
    const journal = open();
    journal.append(issuing);
    journal.read();
    appendFileSync(folder.at("journal.jsonl"), `${line}\n`);
    for (const reader of [journal, open()]) {
      expect(() => reader.read()).toThrow(message);
      expect(() => reader.read()).toThrow(AuthorityError);
    }
  });
});

describe("an audit", () => {
  function written(): Journal {
    const journal = open();
    journal.who = "ann";
    journal.append(issuing, issued);
    journal.append(revoked, list);
    return journal;
  }

  it("says who wrote what and when, and where the journal stands", () => {
    const { path, head } = written();
    const audited = audit(path);
    expect(audited.head).toEqual(head);
    expect(audited.lines.map(({ event, who }) => [event.type, who])).toEqual([
      ["issuing", "ann"],
      ["issued", "ann"],
      ["revoked", "ann"],
      ["list", "ann"],
    ]);
    expect(Date.now() - Date.parse(audited.lines[0]!.when)).toBeLessThan(60_000);
    expect(open().head).toEqual({ lines: 0, hash: "0".repeat(64) });
    const reader = open();
    reader.read();
    expect(reader.head).toEqual(head);
  });

  it.each([
    [
      "changed",
      (lines: string[]) => [lines[0], lines[1]?.replace("01", "02"), ...lines.slice(2)],
      /:2: it does not follow/,
    ],
    ["taken away", (lines: string[]) => [lines[0], ...lines.slice(2)], /:2: it does not follow/],
    [
      "put elsewhere",
      (lines: string[]) => [lines[1], lines[0], ...lines.slice(2)],
      /:1: it does not follow/,
    ],
  ])("notices a line that was %s", (_, spoil, message) => {
    const { path } = written();
    writeFileSync(path, spoil(text().split("\n")).join("\n"));
    expect(() => audit(path)).toThrow(message);
  });

  it("notices an end that was taken away, or written anew, where it was noted", () => {
    const journal = written();
    const { path, head } = journal;
    expect(audit(path, head).head).toEqual(head);
    writeFileSync(path, text().split("\n").slice(0, 3).join("\n") + "\n");
    expect(audit(path).head.lines).toBe(3);
    expect(() => audit(path, head)).toThrow(/it had 4 lines, and has 3/);
    journal.read();
    journal.append({ ...list, number: 2 });
    expect(() => audit(path, head)).toThrow(/:4: another journal came to/);
  });
});

describe("what a journal comes to", () => {
  const of = (...lines: readonly Line[]): Records => {
    const records = new Records();
    for (const line of lines) records.apply(line);
    return records;
  };
  const entry = { serial: "01", name: "a", subject: "CN=a", key: "00" };

  it("is a certificate once it was issued, under its name, key and URI", () => {
    expect(of(issuing)).toMatchObject({ entries: [], pending: [issuing] });
    expect(of(issuing, issued)).toMatchObject({
      entries: [expect.objectContaining(entry)],
      pending: [],
    });
    expect(of(issuing, { type: "void", serial: "01" })).toMatchObject({ entries: [], pending: [] });
    const uri = "spiffe://example.org/a";
    const next: Line = { ...issuing, serial: "02", names: { uri: [uri] } };
    const records = of(issuing, issued, next, { type: "issued", serial: "02" });
    expect(records.current("a")?.serial).toBe("02");
    expect(records.ofName("a").map(({ serial }) => serial)).toEqual(["01", "02"]);
    expect(records.ofKey("00")).toHaveLength(2);
    expect(records.ofUri(uri).map(({ serial }) => serial)).toEqual(["02"]);
  });

  it("is older than the rest, if a check has found it", () => {
    const found: Line = { ...issuing, serial: "02" };
    const adopted: Line = { type: "issued", serial: "02", adopted: true };
    expect(of(issuing, issued, found, adopted).current("a")?.serial).toBe("01");
  });

  it("is a count of lists, where only complete ones are a base", () => {
    const delta: Line = { ...list, number: 2, base: 1 };
    expect(of(list, delta).listsOf("root")).toEqual({
      last: 2,
      complete: { number: 1, at, order: 1 },
    });
    expect(of().listsOf("root")).toEqual({ last: 0 });
  });

  it.each([
    ["a number that was given", [issuing, issued, issuing], /that number was given before/],
    ["one being given", [issuing, issuing], /that number was given before/],
    ["one that is void", [issuing, { type: "void", serial: "01" }, issuing], /was given before/],
    ["an end without a beginning", [issued], /nothing is being issued with that number/],
    ["a revocation of nothing", [issuing, revoked], /nothing was issued with that number/],
    ["a second revocation", [issuing, issued, revoked, revoked], /it was revoked before/],
    // RFC 5280 §5.2.3
    ["a list with the same number", [list, list], /list 1 was before/],
    [
      "a list with a lower one",
      [
        { ...list, number: 3 },
        { ...list, number: 2 },
      ],
      /list 3 was/,
    ],
  ] as const)("cannot be %s", (_, lines, message) => {
    expect(() => of(...lines)).toThrow(message);
  });
});
