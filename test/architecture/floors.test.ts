import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { violations } from "./arrows.ts";
import { floors } from "./floors.ts";
import { readTree, root } from "./tree.ts";

const check = (files: Record<string, string>) => violations(new Map(Object.entries(files)));

describe("the floors", () => {
  it("have imports that go down only, and no cycle", () => {
    const bench = [...readTree("bench")].map(
      ([path, source]) => [`bench/${path}`, source] as const,
    );
    const tree = new Map([...readTree("src"), ...bench]);
    expect(tree.size).toBeGreaterThan(10);
    expect(violations(tree)).toEqual([]);
  });

  const page = join(root, "docs/architecture.md");
  it("stand in docs/architecture.md as in the table", ({ skip }) => {
    if (!existsSync(page)) skip("docs/architecture.md is not written yet");
    const rows = readFileSync(page, "utf8").split("\n");
    for (const { floor, folders } of floors) {
      for (const folder of folders) {
        const path = folder === "bench" ? "`bench/`" : `\`src/${folder}/\``;
        const row = rows.find((line) => line.startsWith("|") && line.includes(path));
        expect(row, `a row for ${path}`).toMatch(new RegExp(`^\\|\\s*${floor}\\s*\\|`));
      }
    }
  });
});

describe("the check itself", () => {
  it("rejects a record layer that knows of messages", () => {
    const files = { "record/a.ts": 'import "../messages/b.ts"', "messages/b.ts": "export {}" };
    expect(check(files)).toEqual(["record/a.ts imports sideways: messages/b.ts (floor 3)"]);
  });

  it("accepts imports that go down", () => {
    expect(
      check({
        "wire/a.ts": "export const a = 1",
        "crypto/b.ts": 'import { a } from "../wire/a.ts"; export const b = a',
        "groups/c.ts": 'export { b } from "../crypto/b.ts"; import "@noble/curves/nist.js"',
        "index.ts": 'export * from "./groups/c.ts"',
        "node.ts": 'export * from "./index.ts"; export { createServer } from "node:net"',
        "bench/d.ts": 'import { b } from "../src/node.ts"',
        "cli/main.ts": 'import { b } from "../node.ts"; const d = () => import("../../bench/d.ts")',
      }),
    ).toEqual([]);
  });

  it.each([
    ["a value import", 'import { b } from "../crypto/b.ts"'],
    ["a type-only import", 'import type { b } from "../crypto/b.ts"'],
    ["a re-export", 'export { b } from "../crypto/b.ts"'],
    ["a star re-export", 'export * from "../crypto/b.ts"'],
    ["an import() expression", 'const late = () => import("../crypto/b.ts")'],
    ["an import() type", 'type B = import("../crypto/b.ts").B'],
  ])("rejects %s that goes up", (_, source) => {
    expect(check({ "wire/a.ts": source, "crypto/b.ts": "export const b = 1" })).toEqual([
      "wire/a.ts (floor 0) imports up: crypto/b.ts (floor 2)",
    ]);
  });

  it("does not take comments and strings for imports", () => {
    const source = `// import "../crypto/b.ts"\nexport const text = 'from "../crypto/b.ts"'`;
    expect(check({ "wire/a.ts": source, "crypto/b.ts": "" })).toEqual([]);
  });

  it("rejects siblings that are not declared, and the declared ones the other way round", () => {
    expect(check({ "crypto/a.ts": 'import "../groups/b.ts"', "groups/b.ts": "export {}" })).toEqual(
      ["crypto/a.ts imports sideways: groups/b.ts (floor 2)"],
    );
    expect(
      check({ "schedule/a.ts": 'import "../record/b.ts"', "record/b.ts": "export {}" }),
    ).toEqual(["schedule/a.ts imports sideways: record/b.ts (floor 3)"]);
    expect(
      check({ "record/a.ts": 'import "../schedule/b.ts"', "schedule/b.ts": "export {}" }),
    ).toEqual([]);
  });

  it("rejects a cycle, also one of types", () => {
    expect(
      check({
        "wire/a.ts": 'import type { B } from "./b.ts"',
        "wire/b.ts": 'import { c } from "./c.ts"',
        "wire/c.ts": 'export * from "./a.ts"',
      }),
    ).toEqual(["import cycle: wire/a.ts → wire/b.ts → wire/c.ts → wire/a.ts"]);
  });

  it("rejects Node's modules below the transports, the native provider aside", () => {
    const source = 'import { createHash } from "node:crypto"';
    expect(check({ "record/a.ts": source })).toEqual(["record/a.ts (floor 3) imports node:crypto"]);
    expect(check({ "record/a.ts": 'import "fs"' })).toEqual(["record/a.ts (floor 3) imports fs"]);
    expect(check({ "crypto/native/hash.ts": source, "transport/a.ts": source })).toEqual([]);
  });

  it("rejects a portable face that reaches one of Node's modules", () => {
    expect(
      check({
        "index.ts": 'export * from "./crypto/native.ts"',
        "crypto/native.ts": 'import { createHash } from "node:crypto"',
      }),
    ).toEqual(["index.ts reaches crypto/native.ts, which imports node:crypto"]);
  });

  it("rejects benchmarks that import the command line, or are imported from below it", () => {
    const files = { "cli/a.ts": "", "bench/b.ts": 'import "../src/cli/a.ts"' };
    expect(check(files)).toEqual(["bench/b.ts (floor 7) imports up: cli/a.ts (floor 8)"]);
    expect(check({ "lab/a.ts": 'import "../../bench/b.ts"', "bench/b.ts": "" })).toEqual([
      "lab/a.ts (floor 6) imports up: bench/b.ts (floor 7)",
    ]);
  });

  it("rejects imports that go up within a folder of strata, and files that stand in none", () => {
    const tree = (source: string) => ({
      "identity/keys/a.ts": source,
      "identity/der/b.ts": "",
      "identity/keys/b.ts": "",
      "identity/path/b.ts": "",
      "identity/extra/b.ts": "",
      "identity/b.ts": "",
    });
    const importing = (path: string) => check(tree(`import "${path}"`));
    expect(importing("../der/b.ts")).toEqual([]);
    expect(importing("./b.ts")).toEqual([]);
    expect(importing("../path/b.ts")).toEqual([
      "identity/keys/a.ts imports up: identity/path/b.ts",
    ]);
    expect(importing("../b.ts")).toEqual(["identity/keys/a.ts imports up: identity/b.ts"]);
    expect(importing("../extra/b.ts")).toEqual(["identity/extra/b.ts stands in no stratum"]);
    expect(check({ "identity/a.ts": 'import "./path/b.ts"', "identity/path/b.ts": "" })).toEqual(
      [],
    );
    expect(
      check({ "identity/extra/a.ts": 'import "../der/b.ts"', "identity/der/b.ts": "" }),
    ).toEqual(["identity/extra/a.ts stands in no stratum"]);
  });

  it("rejects folders without a floor, missing files, and a face below the command line", () => {
    expect(check({ "extra/a.ts": 'import "./b.ts"', "extra/b.ts": "" })).toEqual([
      "extra/a.ts stands on no floor",
    ]);
    expect(check({ "wire/a.ts": 'import "./gone.ts"' })).toEqual([
      "wire/a.ts imports ./gone.ts, which does not exist",
    ]);
    expect(check({ "lab/a.ts": 'import "../index.ts"', "index.ts": "" })).toEqual([
      "lab/a.ts (floor 6) imports up: index.ts (floor 6.5)",
    ]);
  });
});
