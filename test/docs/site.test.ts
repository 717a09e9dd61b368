import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtIn } from "../../docs/site/built-in.ts";
import { entriesOf, signaturesOf, Sources } from "../../docs/site/api.ts";
import { render } from "../../docs/site/markdown.ts";
import { buildSite } from "../../docs/site/site.ts";
import { groups } from "../../src/groups/index.ts";
import { root } from "../architecture/tree.ts";
import { inBrowsers, looks, overflow, seriousFaults, withPage } from "../support/browsers.ts";

const folder = mkdtempSync(join(tmpdir(), "kemistry-site-"));
let pages: string[];
beforeAll(async () => {
  pages = buildSite(root, folder);
  await build({
    entryPoints: [join(root, "docs/site/search.ts")],
    outfile: join(folder, "search.js"),
    bundle: true,
    logLevel: "error",
  });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (path: string): string => readFileSync(join(folder, path), "utf8");

describe("the site", () => {
  it("has a page for each document, with all links of the site right", () => {
    const documents = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
    expect(pages.length).toBeGreaterThan(documents.length);
    expect(pages).toEqual(
      expect.arrayContaining([
        "index.html",
        "guide.html",
        "api/kemistry-lab.html",
        "algorithms.html",
        "built-in.html",
        "handshake.html",
      ]),
    );
    for (const path of pages) expect(text(path)).toContain("Content-Security-Policy");
    expect(new Set(pages).size).toBe(pages.length);
    expect(text("algorithms.html")).toContain("liboqs in WebAssembly");
  });

  it("has the API with what the source says of it", () => {
    const api = text("api/kemistry-lab.html");
    expect(api).toContain('<h3 id="explain">');
    expect(api).toContain("Explains what a trace holds");
    expect(api).toContain('<a href="#ExplainOptions">ExplainOptions</a>');
  });

  it("finds in its index what documents say", () => {
    expect(text("search-index.js")).toContain("A handshake, explained");
  });

  it("has markup in documents as text", () => {
    const { html } = render("# T\n\n<script>alert(1)</script> and <b>b</b>", () => undefined);
    expect(html).not.toMatch(/<script|<b>/);
  });
});

describe("links", () => {
  it("that lead nowhere are found", () => {
    const { links, ids } = render(
      "# One\n\n## Two words\n\n[a](#two-words) [b](nowhere.md#x)",
      (link) => link,
    );
    expect([...ids]).toEqual(["one", "two-words"]);
    expect(links).toEqual(["#two-words", "nowhere.md#x"]);
  });
});

describe("the reference", () => {
  it("reads every export of a report, and its doc comment behind re-exports", () => {
    const report = readFileSync(join(root, "docs/api/kemistry.md"), "utf8");
    const entries = entriesOf(report, "src/index.ts", new Sources(root));
    expect(entries).toHaveLength(signaturesOf(report).size);
    expect(entries.length).toBeGreaterThan(100);
    const without = entries.filter(({ doc }) => doc === "").map(({ name }) => name);
    expect(without).toEqual([]);
  });

  it("lists every group with its code point", () => {
    const page = builtIn();
    for (const { name, code } of groups) {
      expect(page).toContain(`| ${name} | 0x${code.toString(16).padStart(4, "0")} |`);
    }
  });
});

describe("the site in a browser", () => {
  const names = ["index.html", "guide.html", "api/kemistry.html", "performance.html"];
  for (const { says, ...look } of looks) {
    inBrowsers(`fits ${says}, is accessible, and finds things by keyboard`, (browser) =>
      withPage(browser, look, async (page, complaints) => {
        for (const name of names) {
          await page.goto(pathToFileURL(join(folder, name)).href);
          expect(await overflow(page)).toBe(0);
          // Of hundreds of headings, examples and rows some: all are alike
          const without = ["main :is(h3, pre, table, tr, p, li):nth-of-type(n+15)"];
          expect(await seriousFaults(page, { without })).toEqual([]);
        }
        await page.locator("#search").fill("explained handshake");
        await page.locator("#found a").first().waitFor();
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("Enter");
        await page.waitForURL(/#/);
        expect(complaints).toEqual([]);
      }),
    );
  }
});
