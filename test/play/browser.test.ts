/** The playground in Chromium, as it is built, from a server that sends no policy of its own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveFolder } from "../../src/cli/serve-folder.ts";
import { root } from "../architecture/tree.ts";
import { itWith } from "../interop/peers.ts";

const folder = mkdtempSync(join(tmpdir(), "kemistry-play-"));
let server: Server;
let origin = "";

beforeAll(async () => {
  const built = (await import(pathToFileURL(join(root, "src/play/build.mjs")).href)) as {
    buildPlayground(folder: string): Promise<void>;
  };
  await built.buildPlayground(folder);
  server = serveFolder(pathToFileURL(`${folder}/`));
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

/** On a busy machine a browser takes its time. */
const inChromium = (title: string, test: Parameters<typeof itWith>[2]): void =>
  itWith("chromium", title, test, 300_000);

type Options = NonNullable<Parameters<Browser["newPage"]>[0]>;

async function open<T>(
  executablePath: string,
  { at = "/", ...options }: Options & { readonly at?: string },
  look: (page: Page, complaints: readonly string[]) => Promise<T>,
): Promise<T> {
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage(options);
    page.setDefaultTimeout(60_000);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("request", (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith("blob:")) {
        complaints.push(request.url());
      }
    });
    await page.goto(origin + at);
    await page.locator("#result .flight").first().waitFor({ state: "attached" });
    return await look(page, complaints);
  } finally {
    await browser.close();
  }
}

const desk = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 390, height: 844 } };
const status = (page: Page) => page.locator("#status").textContent();

describe("the playground in Chromium", () => {
  for (const size of [desk, phone]) {
    for (const colorScheme of ["light", "dark"] as const) {
      const name = `fits ${size.viewport.width} pixels, ${colorScheme}, is accessible, and asks nobody else`;
      inChromium(name, ({ path }) =>
        open(path, { ...size, colorScheme, bypassCSP: true }, async (page, complaints) => {
          const axe = readFileSync(
            createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
            "utf8",
          );
          await page.addScriptTag({ content: axe });
          for (const tab of ["handshake", "attacks", "network", "kem", "costs"]) {
            await page.locator(`[data-tab=${tab}]`).click();
            if (tab === "attacks") await page.locator("[data-run]").first().waitFor();
            expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(
              size.viewport.width,
            );
            const found = await page.evaluate<
              string[]
            >(`axe.run({ exclude: [["#catalogue li:nth-child(n+3)"]] }).then(({ violations }) =>
              violations.filter(({ impact }) => impact === "serious" || impact === "critical")
                .map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html).join(" ")))`);
            expect(found).toEqual([]);
          }
          expect(complaints).toEqual([]);
        }),
      );
    }
  }

  inChromium("changes a field by keyboard alone, and the address is the experiment", ({ path }) =>
    open(path, desk, async (page, complaints) => {
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
      expect(await status(page)).toMatch(/told illegal_parameter.*bad_key_share.*RFC 10024/);
      const address = page.url();
      expect(new URL(address).searchParams.get("steps")).toContain("swapParts");
      await page.getByRole("button", { name: "undo" }).click();
      await page.locator("#server_hello").waitFor();
      await page.goto(address);
      await page.getByText("changed on the way").waitFor();
      await page.goBack();
      expect(complaints).toEqual([]);
    }),
  );

  inChromium("runs a scenario of the catalogue, and shows it", ({ path }) =>
    open(path, { ...desk, at: "/#attacks" }, async (page) => {
      await page.locator("[data-run='strip-tls13']").click();
      const came = page.locator("[data-name='strip-tls13'] .came");
      await came.getByText("As predicted").waitFor();
      await page.locator("[data-look='strip-tls13']").click();
      await page.getByText("So it came.").waitFor();
      expect(page.url()).toContain("attack=strip-tls13");
    }),
  );

  inChromium("says what an address says that cannot be", ({ path }) =>
    open(path, { ...desk, at: "/?rtt=fast" }, async (page) => {
      // And shows what is usual
      expect(await page.locator("#server_hello").count()).toBe(1);
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

    inChromium("runs, in a handshake that is explained", ({ path }) =>
      open(path, desk, async (page, complaints) => {
        expect(await runs(page)).toBe("It works: Yours was negotiated.");
        const frame = page.frameLocator("iframe");
        expect(await frame.locator(".share").first().textContent()).toMatch(
          /bound-x25519.*ML-KEM-768/s,
        );
        expect(complaints).toEqual([]);
      }),
    );

    inChromium("is told what is wrong with it", ({ path }) =>
      open(path, desk, async (page) => {
        expect(await runs(page, "return 7;")).toContain("has to return a KEM");
        expect(await runs(page, "\nreturn {")).toMatch(/SyntaxError|Unexpected/);
      }),
    );

    inChromium("reaches no network, no storage and not the page, and its time ends", ({ path }) =>
      open(path, desk, async (page) => {
        const asked: string[] = [];
        page.on("request", (request) => asked.push(request.url()));
        const source = `const origin = ${JSON.stringify(origin)};
for (const way of [() => fetch(origin + "/stolen"), () => import(origin + "/stolen.js"),
  () => importScripts(origin + "/stolen.js"), () => new WebSocket("ws" + origin.slice(4)), () => indexedDB.open("x")]) {
  try { Promise.resolve(way()).catch(() => {}); } catch {}
}
for (;;);`;
        expect(await runs(page, source)).toContain("more than ten seconds");
        expect(asked.filter((url) => url.includes("stolen") || url.startsWith("ws"))).toEqual([]);
      }),
    );
  });
});
