import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCli, type Cli } from "../../cli/cli.ts";
import { bothRuns, runOf } from "./fixture.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
  for (const { name, results } of bothRuns()) write(name, JSON.stringify(results));
}, 60_000);
afterAll(() => cli?.remove());

const path = (name: string): string => join(cli.folder, name);
const write = (name: string, text: string): void => writeFileSync(path(name), text);
const read = (name: string): string => readFileSync(path(name), "utf8");
const slow = { timeout: 60_000 };

describe("report", slow, () => {
  it("writes a page, and says where", async () => {
    const outcome = await cli.run("report node20.json node24.json -o page.html");
    expect(outcome).toEqual({ code: 0, stdout: "", stderr: "page.html\n" });
    expect(read("page.html")).toMatch(/^<!doctype html>.*<\/html>\n$/s);
  });

  it("writes report.html, if nothing else is asked for", async () => {
    expect(await cli.run("report node24.json")).toMatchObject({ code: 0, stderr: "report.html\n" });
    expect(existsSync(path("report.html"))).toBe(true);
  });

  it("writes to stdout", async () => {
    const { code, stdout } = await cli.run("report node24.json -o -");
    expect([code, stdout.startsWith("<!doctype html>")]).toEqual([0, true]);
  });

  it("writes figures, and Markdown with links to them and with remarks", async () => {
    write("remarks.md", "## By hand\n\nSlow.\n");
    mkdirSync(path("docs"));
    const { code } = await cli.run(
      "report node20.json node24.json --svg docs/figures --md docs/performance.md --remarks remarks.md",
    );
    expect(code).toBe(0);
    const text = read("docs/performance.md");
    expect(text).toContain("## By hand\n\nSlow.");
    const links = [...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, link]) => link ?? "");
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) expect(read(join("docs", link))).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it("leaves no draft behind", () => {
    expect(readdirSync(cli.folder).filter((name) => name.includes("unfinished"))).toEqual([]);
  });

  it.skipIf(process.platform === "win32")(
    "keeps a link, and replaces what it points to",
    async () => {
      write("old.html", "old");
      symlinkSync("old.html", path("link.html"));
      expect((await cli.run("report node24.json -o link.html")).code).toBe(0);
      expect(read("old.html")).toMatch(/^<!doctype/);
    },
  );
});

describe("report refuses, in one line and with exit code 2,", slow, () => {
  const whole = JSON.stringify(runOf("24.21.0"));
  const empty = JSON.stringify(runOf("24.21.0", { suites: [] }));

  it.each<[string, string, string]>([
    ["a file that is cut short", whole.slice(0, 5000), "not JSON, or cut short"],
    ["an empty file", "", "not JSON, or cut short"],
    ["another format", whole.replace("kemistry-bench-2", "kemistry-bench-9"), "format: expected"],
    ["another thing", `{"name":"x"}`, "format: expected kemistry-bench-2, got nothing"],
    ["a run without results", empty, "nothing was measured"],
  ])("%s", async (_what, text, message) => {
    write("bad.json", text);
    write("good.html", "good");
    const { code, stdout, stderr } = await cli.run("report node24.json bad.json -o good.html");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^kemistry: bad\.json is not usable as results of a benchmark: .*\n$/);
    expect(stderr).toContain(message);
    expect(read("good.html")).toBe("good");
  });

  it.each([
    ["report", "missing required argument 'results'"],
    ["report gone.json", "cannot read gone.json: there is no such file"],
    ["report node24.json -o gone/x.html", "cannot write gone/x.html: there is no such folder"],
    ["report node24.json -o .", "cannot write .: it is a folder"],
    ["report node24.json --svg node24.json", "cannot write node24.json: there is a file"],
    ["report node24.json --md x.md --remarks gone.md", "cannot read gone.md"],
  ])("%s", async (line, message) => {
    const { code, stdout, stderr } = await cli.run(line);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(message);
  });

  it("a page without the packages that draw, but not words without figures", () => {
    const bare = path("bare");
    cpSync(path("package/dist"), join(bare, "dist"), { recursive: true });
    cpSync(path("package/package.json"), join(bare, "package.json"));
    mkdirSync(join(bare, "node_modules"));
    for (const name of ["commander", "@noble", "zod"]) {
      symlinkSync(
        path(`package/node_modules/${name}`),
        join(bare, `node_modules/${name}`),
        "junction",
      );
    }
    const run = (...args: readonly string[]) =>
      spawnSync(
        process.execPath,
        [join(bare, "dist/src/cli/main.js"), "report", path("node24.json"), ...args],
        { encoding: "utf8", cwd: bare },
      );
    const { status, stdout, stderr } = run();
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^kemistry: .* npm install @observablehq\/plot linkedom\n$/);
    expect(existsSync(join(bare, "report.html"))).toBe(false);
    expect(run("--md", "words.md")).toMatchObject({ status: 0, stderr: "words.md\n" });
  });

  it.skipIf(!existsSync("/dev/full"))("a full disk", async () => {
    const { code, stderr } = await cli.run("report node24.json -o /dev/full");
    expect([code, stderr]).toEqual([2, "kemistry: cannot write /dev/full: the disk is full\n"]);
  });
});
