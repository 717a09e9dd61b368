import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/cli/errors.ts";
import { parseDuration, printDuration } from "../../../src/cli/pki/duration.ts";
import { pointTo, secretMode, writeFolder, writeWhole } from "../../../src/cli/pki/files.ts";
import { type Entry, readJournal, writeJournal } from "../../../src/cli/pki/journal.ts";
import { withLock } from "../../../src/cli/pki/lock.ts";
import { firstSettings, parseSettings, printSettings } from "../../../src/cli/pki/settings.ts";
import { profiles } from "../../../src/identity/index.ts";

const top = mkdtempSync(join(tmpdir(), "kemistry-pki-"));
afterAll(() => rmSync(top, { recursive: true }));
let folder = top;
let count = 0;
beforeEach(() => {
  folder = join(top, String(count++));
  mkdirSync(folder);
});
const at = (name: string): string => join(folder, name);
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("files", () => {
  it("are written as a whole, with their mode", () => {
    writeWhole(at("a"), "old");
    writeWhole(at("a"), "new", secretMode);
    expect(readFileSync(at("a"), "utf8")).toBe("new");
    expect(modeOf(at("a"))).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["a"]);
  });

  it("that cannot be put in their place leave nothing behind", () => {
    mkdirSync(at("taken/inside"), { recursive: true });
    expect(() => writeWhole(at("taken"), "x")).toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    expect(() => writeFolder(at("taken"), [{ name: "b", content: "x" }])).toThrow(
      /ENOTEMPTY|EEXIST/,
    );
    expect(() =>
      writeFolder(at("new"), [
        { name: "b", content: "x" },
        { name: "no/such", content: "x" },
      ]),
    ).toThrow(/ENOENT/);
    expect(readdirSync(folder)).toEqual(["taken"]);
    expect(readdirSync(at("taken"))).toEqual(["inside"]);
  });

  it("come in folders, private ones for their owner alone, whatever the umask", () => {
    const old = process.umask(0);
    try {
      writeFolder(at("pair"), [
        { name: "cert", content: "c" },
        { name: "key", content: "k", mode: secretMode },
      ]);
    } finally {
      process.umask(old);
    }
    expect([modeOf(at("pair/cert")), modeOf(at("pair/key"))]).toEqual([0o644, 0o600]);
  });

  it("links are moved from one target to another", () => {
    for (const target of ["one", "two", "two"]) {
      pointTo(at("link"), target);
      expect(readlinkSync(at("link"))).toBe(target);
    }
    expect(readdirSync(folder)).toEqual(["link"]);
  });
});

describe("the lock", () => {
  it("lets one in after the other", async () => {
    let inside = 0;
    const order: number[] = [];
    const run = (id: number) =>
      withLock(folder, async () => {
        inside++;
        expect(inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(id);
        inside--;
      });
    await Promise.all([1, 2, 3].map(run));
    expect(order.toSorted()).toEqual([1, 2, 3]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is given back when something fails", async () => {
    await expect(withLock(folder, () => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("of a process that is no more is taken over", async () => {
    // A process identifier beyond all that Linux gives
    writeFileSync(at("lock"), `${2 ** 22 + 1} ${hostname()}\n`);
    expect(await withLock(folder, () => 1)).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["another process", `${process.ppid} ${hostname()}\n`],
    ["another machine", `1 not-${hostname()}\n`],
    ["nobody knows whom", ""],
  ])("of %s is waited for, and then named", async (_, content) => {
    writeFileSync(at("lock"), content);
    const refused = withLock(folder, () => 1, 120);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/if there is none, remove .*lock/);
    expect(readFileSync(at("lock"), "utf8")).toBe(content);
  });
});

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
    expect(readJournal(at("index.jsonl"))).toEqual([]);
    writeJournal(at("index.jsonl"), [entry, revoked]);
    expect(readJournal(at("index.jsonl"))).toEqual([entry, revoked]);
    expect(readFileSync(at("index.jsonl"), "utf8").split("\n")).toHaveLength(3);
  });

  it.each([
    ["{", /index\.jsonl:2: is no JSON/],
    ["[]", /index\.jsonl:2: has no serial/],
    ["null", /index\.jsonl:2: has no serial/],
    [JSON.stringify({ ...entry, notAfter: 5 }), /:2: has no notAfter/],
    [JSON.stringify({ ...entry, revoked: { at: "x", reason: "y" } }), /:2: says revoked without/],
  ])("%s is refused with its line", (line, message) => {
    writeFileSync(at("index.jsonl"), `${JSON.stringify(entry)}\n${line}\n`);
    expect(() => readJournal(at("index.jsonl"))).toThrow(message);
    expect(() => readJournal(at("index.jsonl"))).toThrow(UsageError);
  });
});

describe("settings", () => {
  const parse = (change: (value: Record<string, unknown>) => void) => {
    const value = JSON.parse(printSettings(firstSettings({}))) as Record<string, unknown>;
    change(value);
    return parseSettings(JSON.stringify(value));
  };
  const withServer = (change: object) =>
    parse((value) => {
      const all = value["profiles"] as Record<string, object>;
      all["server"] = { ...all["server"], ...change };
    }).profiles["server"];

  it("what is written is read", () => {
    const settings = firstSettings({ crlUrl: "http://a/{issuer}.crl" });
    expect(parseSettings(printSettings(settings))).toEqual(settings);
    expect(parse(() => {}).profiles).toEqual(profiles);
  });

  it("say what may be certified", () => {
    const change = {
      lifetime: "15m",
      keyTypes: ["ed25519"],
      names: { permitted: { dns: ["example"] }, excluded: { uri: ["a.example"] } },
      needsName: false,
    };
    expect(withServer(change)).toMatchObject({ ...change, lifetime: 900_000 });
  });

  it.each([
    [{ lifetime: "soon" }, /profiles\.server\.lifetime: expected a time such as 90d, got "soon"/],
    [{ keyUsage: ["sign"] }, /keyUsage\[0\]: expected one of the known names, got "sign"/],
    [{ keyTypes: ["dsa"] }, /keyTypes\[0\]/],
    [{ extendedKeyUsage: "serverAuth" }, /extendedKeyUsage: expected a list/],
    [{ ca: { pathLength: -1 } }, /ca\.pathLength: expected a whole number/],
    [{ names: { permitted: { dns: [5] } } }, /names\.permitted\.dns\[0\]/],
    [{ color: "red" }, /profiles\.server\.color: expected no such member/],
  ])("%o is refused with its place", (change, message) => {
    expect(() => withServer(change)).toThrow(message);
  });

  it("are refused if they are of another kind", () => {
    expect(() => parseSettings("{")).toThrow(/^pki\.json: /);
    expect(() => parseSettings("[]")).toThrow(/the whole file: expected an object/);
    expect(() => parse((value) => (value["format"] = 2))).toThrow(/format: expected 1, got 2/);
    expect(() => parse((value) => (value["crlUrl"] = 2))).toThrow(/crlUrl: expected text/);
  });
});

it("durations", () => {
  const texts = ["15m", "90d", "10y", "1h", "30s"];
  expect(texts.map((text) => printDuration(parseDuration(text) ?? 0))).toEqual(texts);
  expect(parseDuration("2w")).toBe(14 * 86_400_000);
  for (const bad of ["", "15", "m", "-1d", "1.5h", "0d", "1 d", "99999999d"]) {
    expect(parseDuration(bad)).toBeUndefined();
  }
});
