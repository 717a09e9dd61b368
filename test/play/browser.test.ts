/** The playground in real browsers, as it is built, from a server that sends no policy of its own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveFolder } from "../../src/cli/serve-folder.ts";
import { root } from "../architecture/tree.ts";
import {
  desk,
  inBrowsers,
  looks,
  overflow,
  type Opening,
  type RealBrowser,
  seriousFaults,
  withPage,
} from "../support/browsers.ts";

const folder = mkdtempSync(join(tmpdir(), "kemistry-play-"));
let server: Server;
let origin = "";
/** What the server was asked for, by whatever way. */
const asked: string[] = [];

beforeAll(async () => {
  const built = (await import(pathToFileURL(join(root, "src/play/build.mjs")).href)) as {
    buildPlayground(folder: string): Promise<void>;
  };
  await built.buildPlayground(folder);
  server = serveFolder(pathToFileURL(`${folder}/`));
  server.on("request", ({ url }) => asked.push(String(url)));
  server.on("upgrade", ({ url }, socket) => {
    asked.push(String(url));
    socket.destroy();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const packed = (name: string): number => gzipSync(readFileSync(join(folder, name))).length;

describe("the files", () => {
  it("of the first view are at most 250 kB, packed", () => {
    const later = ["catalogue.js", "kem.html", "kem-engine.js"];
    const names = readdirSync(folder);
    expect(names).toEqual(expect.arrayContaining([...later, "index.html", "app.js", "worker.js"]));
    const first = names.filter((name) => !later.includes(name));
    expect(first.reduce((sum, name) => sum + packed(name), 0)).toBeLessThan(250_000);
  });
});

describe("the server of a folder", () => {
  it("gives files and nothing beside them", async () => {
    const get = async (path: string, method = "GET") =>
      (await fetch(`${origin}${path}`, { method })).status;
    expect(await get("/")).toBe(200);
    expect(await get("/app.js?x")).toBe(200);
    expect(await get("/nothing.js")).toBe(404);
    expect(await get("/..%2f..%2fetc/passwd")).toBe(404);
    expect(await get("/", "POST")).toBe(405);
  });
});

async function open<T>(
  browser: RealBrowser,
  { at = "/", ...opening }: Opening & { readonly at?: string },
  look: (page: Page, complaints: readonly string[]) => Promise<T>,
): Promise<T> {
  return withPage(browser, opening, async (page, complaints) => {
    page.on("request", (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith("blob:")) {
        complaints.push(request.url());
      }
    });
    await page.goto(origin + at);
    await page.locator("#result .flight").first().waitFor({ state: "attached" });
    return await look(page, complaints);
  });
}

const status = (page: Page) => page.locator("#status").textContent();

describe("the playground in a browser", () => {
  for (const { says, ...look } of looks) {
    inBrowsers(`fits ${says}, is accessible, and asks nobody else`, (browser) =>
      open(browser, look, async (page, complaints) => {
        // The explained handshake has tests of its own, and the scenarios of the catalogue are alike
        const without = ["#result", "#catalogue li:nth-child(n+3)"];
        await page.evaluate("document.querySelector('#choose').open = true");
        expect(await overflow(page)).toBe(0);
        expect(await seriousFaults(page, { without })).toEqual([]);
        for (const tab of ["attacks", "network", "kem", "costs"]) {
          await page.locator(`[data-tab=${tab}]`).click();
          if (tab === "attacks") await page.locator("[data-run]").first().waitFor();
          expect(await overflow(page)).toBe(0);
          expect(await seriousFaults(page, { within: `[data-panel=${tab}]`, without })).toEqual([]);
        }
        expect(complaints).toEqual([]);
      }),
    );
  }

  inBrowsers("changes a field by keyboard alone, and the address is the experiment", (browser) =>
    open(browser, desk, async (page, complaints) => {
      await page.locator("#client_hello > summary").focus();
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      const focused = () => page.evaluate<string>("document.activeElement.dataset.path ?? ''");
      for (let i = 0; i < 80 && !(await focused()).endsWith(".keyExchange"); i++) {
        await page.keyboard.press("ArrowDown");
      }
      expect(await focused()).toBe("client_hello.extensions.key_share[0].keyExchange");
      await page.keyboard.press("c");
      await page.getByRole("button", { name: "Swap the hybrid's parts" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("changed on the way").waitFor();
      // It stays open, and the focus where it was
      await expect.poll(focused).toBe("client_hello.extensions.key_share[0].keyExchange");
      expect(await page.locator("#client_hello").getAttribute("open")).toBe("");
      expect(await status(page)).toMatch(/told illegal_parameter.*bad_key_share.*RFC 10024/);
      await page.getByText("the parts of extensions.key_share[0].keyExchange swapped").waitFor();
      const address = page.url();
      expect(new URL(address).searchParams.get("steps")).toContain("swapParts");
      await page.getByRole("button", { name: "undo" }).focus();
      await page.keyboard.press("Enter");
      await page.locator("#server_hello").waitFor();
      await page.locator("[name=suites]").last().focus();
      await page.keyboard.press("Space");
      await page.waitForURL(/suites=/);
      await expect.poll(() => page.evaluate("document.activeElement.name")).toBe("suites");
      await page.goto(address);
      await page.getByText("changed on the way").waitFor();
      await page.getByRole("button", { name: "undo" }).click();
      await page.locator("#server_hello").waitFor();
      await page.evaluate("history.back()");
      await page.getByText("changed on the way").waitFor();
      expect(page.url()).toBe(address);
      expect(complaints).toEqual([]);
    }),
  );

  inBrowsers("runs a scenario of the catalogue, and shows it", (browser) =>
    open(browser, { ...desk, at: "/#attacks" }, async (page) => {
      await page.locator("[data-run='strip-tls13']").click();
      const came = page.locator("[data-name='strip-tls13'] .came");
      await came.getByText("As predicted").waitFor();
      await page.locator("[data-look='strip-tls13']").click();
      await page.getByText("So it came.").waitFor();
      expect(page.url()).toContain("attack=strip-tls13");
    }),
  );

  inBrowsers("says what an address says that cannot be", (browser) =>
    open(browser, { ...desk, at: "/?rtt=fast" }, async (page) => {
      // And shows what is usual
      expect(await page.locator("#server_hello").count()).toBe(1);
      await page
        .getByText("rtt: a number from 0 to 1000, not fast. Shown is what is usual")
        .waitFor();
      await page.goto(`${origin}/?groups=nonsense`);
      await page.locator("#status.wrong").waitFor();
      expect(await status(page)).toMatch(/groups\[0\]/);
    }),
  );

  describe("a visitor's own KEM", () => {
    const runs = async (page: Page, source?: string): Promise<string | null> => {
      await page.locator("[data-tab=kem]").click();
      if (source !== undefined) await page.locator("#source").fill(source);
      await page.locator("#run-kem").click();
      const said = page.frameLocator("iframe").locator("#status");
      await said.getByText(/^(?!It runs)./).waitFor();
      return said.textContent();
    };

    inBrowsers("runs, in a handshake that is explained", (browser) =>
      open(browser, desk, async (page, complaints) => {
        expect(await runs(page)).toBe("It works: Yours was negotiated.");
        const frame = page.frameLocator("iframe");
        expect(await frame.locator(".share").first().textContent()).toMatch(
          /bound-x25519.*ML-KEM-768/s,
        );
        expect(complaints).toEqual([]);
      }),
    );

    inBrowsers("is told what is wrong with it", (browser) =>
      open(browser, desk, async (page) => {
        expect(await runs(page, "return 7;")).toContain("has to return a KEM");
        expect(await runs(page, "\nreturn {\n  name: 7 7")).toMatch(
          /(SyntaxError|Unexpected).*, in line 3$/,
        );
      }),
    );

    inBrowsers("reaches no network, no storage and not the page, and its time ends", (browser) =>
      open(browser, desk, async (page) => {
        const source = `const origin = ${JSON.stringify(origin)};
for (const way of [() => fetch(origin + "/stolen"), () => import(origin + "/stolen.js"),
  () => importScripts(origin + "/stolen.js"), () => new WebSocket("ws" + origin.slice(4) + "/stolen"), () => indexedDB.open("x")]) {
  try { Promise.resolve(way()).catch(() => {}); } catch {}
}
for (;;);`;
        expect(await runs(page, source)).toContain("more than ten seconds");
        expect(asked.filter((url) => url.includes("stolen"))).toEqual([]);
      }),
    );
  });
});
