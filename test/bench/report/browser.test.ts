/** The page in Chromium, from a file, as a reader opens it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { loadRenderer } from "../../../src/report/charts/draw.ts";
import { page as pageOf } from "../../../src/report/page/page.ts";
import { reportOf } from "../../../bench/report/report.ts";
import { itWith } from "../../interop/peers.ts";
import { bothRuns } from "./fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "kemistry-report-"));
const url = pathToFileURL(join(folder, "report.html")).href;

beforeAll(async () => {
  writeFileSync(join(folder, "report.html"), pageOf(reportOf(bothRuns()), await loadRenderer()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Seen {
  readonly page: Page;
  /** What was asked of any network, and what the console said. */
  readonly complaints: readonly string[];
}

type Options = NonNullable<Parameters<Browser["newPage"]>[0]>;

async function open<T>(
  executablePath: string,
  options: Options,
  look: (seen: Seen) => Promise<T>,
): Promise<T> {
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(url);
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
    return await look({ page, complaints });
  } finally {
    await browser.close();
  }
}

const phone = { width: 375, height: 812 };
const desk = { width: 1280, height: 900 };

describe("the page in Chromium", () => {
  for (const viewport of [phone, desk]) {
    for (const colorScheme of ["light", "dark"] as const) {
      itWith("chromium", `fits ${viewport.width} pixels, ${colorScheme}`, ({ path }) =>
        open(path, { viewport, colorScheme }, async ({ page, complaints }) => {
          const width = await page.evaluate("document.documentElement.scrollWidth");
          expect(width).toBe(viewport.width);
          expect(complaints).toEqual([]);
          expect(await page.locator("figure svg:visible").count()).toBeGreaterThan(10);
        }),
      );
    }
  }

  itWith("chromium", "has text in plots that is large enough for a phone", ({ path }) =>
    open(path, { viewport: phone }, async ({ page }) => {
      const sizes = await page.evaluate<number[]>(`
        [...document.querySelectorAll("svg")].filter((svg) => svg.clientWidth > 0)
          .map((svg) => svg.clientWidth / svg.viewBox.baseVal.width * 11)`);
      expect(sizes.length).toBeGreaterThan(5);
      expect(Math.min(...sizes)).toBeGreaterThan(10);
    }),
  );

  itWith("chromium", "keeps all text of a plot inside the page", ({ path }) =>
    open(path, { viewport: phone }, async ({ page }) => {
      const outside = await page.evaluate<string[]>(`
        [...document.querySelectorAll("svg text")].filter((text) => {
          const { left, right, width } = text.getBoundingClientRect();
          return width > 0 && (left < 0 || right > innerWidth);
        }).map((text) => text.textContent)`);
      expect(outside).toEqual([]);
    }),
  );

  itWith("chromium", "copies a table as cells, without spaces in numbers", ({ path }) =>
    open(path, { viewport: desk }, async ({ page, complaints }) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      const figure = page.locator("figure.table", { hasText: "Bytes of each flight" }).first();
      await figure.locator("button").click();
      await figure.getByText("copied").waitFor();
      const text = await page.evaluate<string>("navigator.clipboard.readText()");
      expect(text.split("\n")[0]).toBe("handshake\t1 client\t2 server\t3 client\tin all");
      expect(text).toContain("X25519MLKEM768 · mldsa65\t1418\t13895\t58\t15371");
      expect(complaints).toEqual([]);
    }),
  );

  itWith("chromium", "reads without scripts, and has no button that does nothing", ({ path }) =>
    open(path, { viewport: desk, javaScriptEnabled: false }, async ({ page }) => {
      expect(await page.locator("button").count()).toBe(0);
      expect(await page.locator("figure svg:visible").count()).toBeGreaterThan(5);
    }),
  );
});
