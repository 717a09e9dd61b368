/** The page of an explained handshake, as a file, and in a browser as a reader opens it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { watchExchange } from "../../../src/lab/explained/exchange.ts";
import { explain } from "../../../src/lab/explained/explain.ts";
import { explainedPage } from "../../../src/lab/explained/page/page.ts";
import { runHandshake } from "../../../src/lab/run.ts";
import { noble } from "../../../src/index.ts";
import {
  desk,
  inBrowsers,
  looks,
  overflow,
  type Opening,
  phone,
  type RealBrowser,
  seriousFaults,
  withPage,
} from "../../support/browsers.ts";
import { experiment } from "../experiment.ts";

const watched = watchExchange(noble);
const { trace } = runHandshake(experiment({}, { provider: watched.provider }));
const explained = explain(trace, {
  secretOf: watched.secretOf,
  ends: { client: { outcome: "open" }, server: { outcome: "bad_finished", error: "<b>no</b>" } },
});
const html = explainedPage(explained);

describe("the page", () => {
  it("is one file that loads nothing, and runs no script but its own", () => {
    expect(html).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;/);
    expect(html).not.toMatch(/(src|href)="(?!#|data:)/);
    expect(html.match(/<script/g)).toHaveLength(1);
  });

  it("has text as text", () => {
    expect(html).toContain("&#60;b&#62;no&#60;/b&#62;");
    expect(html).not.toContain("<b>no</b>");
  });

  it("has a link to each field, and no id twice", () => {
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toContain("client_hello.key_share[0].keyExchange.ML-KEM-768");
    expect(new Set(ids).size).toBe(ids.length);
  });
});

const folder = mkdtempSync(join(tmpdir(), "kemistry-explained-"));
const url = pathToFileURL(join(folder, "page.html")).href;
beforeAll(() => writeFileSync(join(folder, "page.html"), html));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = <T>(
  browser: RealBrowser,
  { hash = "", ...opening }: Opening & { readonly hash?: string },
  look: (page: Page, complaints: readonly string[]) => Promise<T>,
): Promise<T> =>
  withPage(browser, opening, async (page, complaints) => {
    await page.goto(url + hash);
    return look(page, complaints);
  });

const share = "#client_hello.key_share%5B0%5D.keyExchange.x25519";

describe("the page in a browser", () => {
  for (const { says, ...look } of looks) {
    inBrowsers(`fits ${says}, and is accessible`, (browser) =>
      open(browser, look, async (page, complaints) => {
        await page.evaluate(
          "document.querySelectorAll('details').forEach((one) => (one.open = true))",
        );
        expect(await overflow(page)).toBe(0);
        expect(complaints).toEqual([]);
        expect(await seriousFaults(page)).toEqual([]);
      }),
    );
  }

  inBrowsers("opens at the field that the address names, and lights up its bytes", (browser) =>
    open(browser, { ...desk, hash: share }, async (page) => {
      expect(await page.locator("#client_hello").getAttribute("open")).toBe("");
      expect(await page.locator("#server_hello").getAttribute("open")).toBeNull();
      const lit = await page.locator("#client_hello .hex .lit").allTextContents();
      expect(lit.map((text) => text.trim().split(" ").length)).toEqual([32]);
      expect(await page.locator("#client_hello .caption").textContent()).toContain("x25519");
    }),
  );

  inBrowsers("leads from bytes to their field, and from a heading to all bytes in it", (browser) =>
    open(browser, { ...desk, hash: share }, async (page) => {
      await page.locator("#client_hello .hex span").first().click();
      expect(await page.locator("#client_hello .row.lit a").textContent()).toBe("msg_type");
      await page.locator("[id='client_hello.key_share'] a").hover();
      const lit = await page.locator("#client_hello .hex .lit").allTextContents();
      expect(lit.join(" ").trim().split(/\s+/)).toHaveLength(4 + 2 + 2 + 2 + 1216);
    }),
  );

  inBrowsers("is used with the keyboard alone", (browser) =>
    open(browser, desk, async (page) => {
      const focused = () =>
        page.evaluate<string>("document.activeElement.textContent.trim().slice(0, 40)");
      for (let i = 0; i < 3 && !(await focused()).startsWith("client_hello"); i++) {
        await page.keyboard.press("Tab");
      }
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      expect(await focused()).toBe("msg_type");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      expect(await focused()).toBe("legacyVersion");
      expect(await page.locator("#client_hello .hex .lit").textContent()).toContain("03 03");
      // One stop for all fields: the next are the bytes
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.className")).toBe("hex");
    }),
  );

  inBrowsers("shows what went into a secret", (browser) =>
    open(browser, desk, async (page) => {
      await page.locator(".wide [data-secret='c-hs-traffic']").focus();
      const lit = await page.locator(".wide .node.lit text").allTextContents();
      expect(lit.toSorted()).toEqual([
        "0",
        "Early Secret",
        "Handshake Secret",
        "c hs traffic",
        "shared secret",
      ]);
      expect(await page.locator(".detail").textContent()).toContain("The key log says the same");
    }),
  );

  inBrowsers("shows an attacker on the path no certificate", (browser) =>
    open(browser, phone, async (page) => {
      expect(await page.locator("#certificate").isVisible()).toBe(true);
      await page.locator("#view-path").check();
      expect(await page.locator("#certificate").isVisible()).toBe(false);
      expect(await page.locator(".records .sealed:visible").count()).toBe(2);
    }),
  );
});
