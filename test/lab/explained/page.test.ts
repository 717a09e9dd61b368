/** The page of an explained handshake, as a file, and in Chromium as a reader opens it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { watchExchange } from "../../../src/lab/explained/exchange.ts";
import { explain } from "../../../src/lab/explained/explain.ts";
import { explainedPage } from "../../../src/lab/explained/page/page.ts";
import { runHandshake } from "../../../src/lab/run.ts";
import { noble } from "../../../src/index.ts";
import { itWith } from "../../interop/peers.ts";
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

/** On a busy machine a browser takes its time. */
const inChromium = (title: string, test: Parameters<typeof itWith>[2]): void =>
  itWith("chromium", title, test, 120_000);

type Options = NonNullable<Parameters<Browser["newPage"]>[0]>;

async function open<T>(
  executablePath: string,
  options: Options & { readonly hash?: string },
  look: (page: Page, complaints: readonly string[]) => Promise<T>,
): Promise<T> {
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const { hash = "", ...rest } = options;
    const page = await browser.newPage(rest);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", ({ message }) => complaints.push(message));
    await page.goto(url + hash);
    return await look(page, complaints);
  } finally {
    await browser.close();
  }
}

const desk = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 390, height: 844 } };
const share = "#client_hello.key_share%5B0%5D.keyExchange.x25519";

describe("the page in Chromium", () => {
  for (const size of [desk, phone]) {
    for (const colorScheme of ["light", "dark"] as const) {
      const name = `fits ${size.viewport.width} pixels, ${colorScheme}, and is accessible`;
      inChromium(name, ({ path }) =>
        open(path, { ...size, colorScheme }, async (page, complaints) => {
          await page.evaluate(
            "document.querySelectorAll('details').forEach((one) => (one.open = true))",
          );
          const width = await page.evaluate("document.documentElement.scrollWidth");
          expect(width).toBe(size.viewport.width);
          expect(complaints).toEqual([]);
          const axe = readFileSync(
            createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
            "utf8",
          );
          // As a debugger does it, since the page's own policy lets no other script in
          await page.evaluate(axe);
          const found = await page.evaluate<string[]>(`axe.run().then(({ violations }) =>
            violations.filter(({ impact }) => impact === "serious" || impact === "critical")
              .map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html).join(" ")))`);
          expect(found).toEqual([]);
        }),
      );
    }
  }

  inChromium("opens at the field that the address names, and lights up its bytes", ({ path }) =>
    open(path, { ...desk, hash: share }, async (page) => {
      expect(await page.locator("#client_hello").getAttribute("open")).toBe("");
      expect(await page.locator("#server_hello").getAttribute("open")).toBeNull();
      const lit = await page.locator("#client_hello .hex .lit").allTextContents();
      expect(lit.map((text) => text.trim().split(" ").length)).toEqual([32]);
      expect(await page.locator("#client_hello .caption").textContent()).toContain("x25519");
    }),
  );

  inChromium("leads from bytes to their field, and from a heading to all bytes in it", ({ path }) =>
    open(path, { ...desk, hash: share }, async (page) => {
      await page.locator("#client_hello .hex span").first().click();
      expect(await page.locator("#client_hello .row.lit a").textContent()).toBe("msg_type");
      await page.locator("[id='client_hello.key_share'] a").hover();
      const lit = await page.locator("#client_hello .hex .lit").allTextContents();
      expect(lit.join(" ").trim().split(/\s+/)).toHaveLength(4 + 2 + 2 + 2 + 1216);
    }),
  );

  inChromium("is used with the keyboard alone", ({ path }) =>
    open(path, desk, async (page) => {
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

  inChromium("shows what went into a secret", ({ path }) =>
    open(path, desk, async (page) => {
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

  inChromium("shows an attacker on the path no certificate", ({ path }) =>
    open(path, { ...phone, javaScriptEnabled: false }, async (page) => {
      expect(await page.locator("#certificate").isVisible()).toBe(true);
      await page.locator("#view-path").check();
      expect(await page.locator("#certificate").isVisible()).toBe(false);
      expect(await page.locator(".records .sealed:visible").count()).toBe(2);
    }),
  );
});
