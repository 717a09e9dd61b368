/** `npm run pages` knows every page that a command makes. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pages } from "../../docs/pages.mjs";
import { root } from "../architecture/tree.ts";

const docs = join(root, "docs");
const read = (name: string): string => readFileSync(join(docs, name), "utf8");
const names = pages.map(({ name }) => name);
const files = names.filter((name) => name !== "api");

/** What pages say that a command makes, each in its words. */
const isMade = /\b(?:Made|Written) by\s+`|makes\s+this\s+page/;

describe("generated pages", () => {
  it("are those that the index lists as such", () => {
    const [, section = ""] = /## What was measured and checked(.*?)\nAnd written by hand/s.exec(
      read("README.md"),
    )!;
    const listed = [...section.matchAll(/\]\((\w+)\.md\)/g)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual(files.toSorted());
  });

  it("say that a command makes them, and no other page does", () => {
    const saying = readdirSync(docs)
      .filter((name) => name.endsWith(".md") && isMade.test(read(name)))
      .map((name) => name.slice(0, -3));
    expect(saying.toSorted()).toEqual(files.toSorted());
  });

  it("are listed with what they need, and others are refused", () => {
    const run = (argument: string) =>
      spawnSync(process.execPath, [join(docs, "pages.mjs"), argument], { encoding: "utf8" });
    const { stdout } = run("--list");
    for (const { name, command } of pages)
      expect(stdout).toContain(`${name.padEnd(12)} ${command}`);
    const { status, stderr } = run("nothing");
    expect([status, stderr]).toEqual([2, `there is no page "nothing": ${names.join(", ")}\n`]);
  });
});
