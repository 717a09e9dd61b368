/** An experiment in Chromium, and its report as a reader opens it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { experimentOf } from "../../../src/lab/experiment/read.ts";
import { experimentReport } from "../../../src/lab/experiment/report/report.ts";
import { resolveExperiment } from "../../../src/lab/experiment/resolve.ts";
import { manifestOf, rowLine } from "../../../src/lab/experiment/rows.ts";
import { runExperiment } from "../../../src/lab/experiment/run.ts";
import { loadRenderer } from "../../../src/report/charts/draw.ts";
import { page as pageOf } from "../../../src/report/page/page.ts";
import { root } from "../../architecture/tree.ts";
import { itWith } from "../../interop/peers.ts";

const file = {
  name: "In a browser",
  repetitions: 60,
  factors: {
    group: ["x25519", "x25519+HQC-1"],
    signature: ["ed25519", "Falcon-512", "Picnic-L1-FS"],
    rtt: [20, 100],
    loss: [0, 0.05],
    request: 100,
    payload: [1000, 100_000],
    timer: "last-byte",
  },
};
const experiment = resolveExperiment(experimentOf(file));
const rows = [...runExperiment(experiment)];

const folder = mkdtempSync(join(tmpdir(), "kemistry-experiment-"));
const report = join(folder, "report.html");
let bundle = "";

beforeAll(async () => {
  writeFileSync(
    report,
    pageOf(experimentReport(manifestOf(experiment), rows), await loadRenderer()),
  );
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { experimentOf } from "./src/lab/experiment/read.ts";
        import { resolveExperiment } from "./src/lab/experiment/resolve.ts";
        import { rowLine } from "./src/lab/experiment/rows.ts";
        import { runExperiment } from "./src/lab/experiment/run.ts";
        globalThis.lines = (file) =>
          [...runExperiment(resolveExperiment(experimentOf(file)))].map(rowLine);`,
      resolveDir: root,
    },
    bundle: true,
    // One of Node's modules would not be found
    platform: "browser",
    format: "iife",
    write: false,
    logLevel: "silent",
  });
  bundle = outputFiles[0]!.text;
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function inBrowser<T>(
  executablePath: string,
  look: (browser: Browser) => Promise<T>,
): Promise<T> {
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    return await look(browser);
  } finally {
    await browser.close();
  }
}

describe("an experiment in a browser", () => {
  it("needs none of Node's modules", () => {
    expect(bundle).not.toMatch(/require\("(node:)?(fs|crypto|zlib|os)"\)/);
  });

  itWith("chromium", "gives the lines that Node gives", ({ path }) =>
    inBrowser(path, async (browser) => {
      const page = await browser.newPage();
      await page.addScriptTag({ content: bundle });
      const lines = await page.evaluate(`lines(${JSON.stringify(file)})`);
      expect(lines).toEqual(rows.map(rowLine));
    }),
  );
});

describe("its report in Chromium", () => {
  for (const width of [390, 1280]) {
    for (const colorScheme of ["light", "dark"] as const) {
      itWith("chromium", `fits ${width} pixels, ${colorScheme}, without complaints`, ({ path }) =>
        inBrowser(path, async (browser) => {
          const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
          const complaints: string[] = [];
          page.on("console", (message) => complaints.push(message.text()));
          page.on("pageerror", ({ message }) => complaints.push(message));
          await page.goto(pathToFileURL(report).href);
          await page.evaluate(
            "document.querySelectorAll('details').forEach((one) => (one.open = true))",
          );
          expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
          expect(complaints).toEqual([]);
          // To compare two rows nobody should have to push a table
          const hidden = await page.evaluate<number>(`
            (({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(
              document.querySelector("#differences .scroll"))`);
          expect(hidden).toBe(0);
          expect(await page.locator("figure svg:visible").count()).toBeGreaterThan(7);
          // Letters that a reader can read, and none beyond the edge
          const beyond = await page.evaluate<string[]>(`
            [...document.querySelectorAll("svg text")].filter((text) => {
              const box = text.getBoundingClientRect();
              return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
            }).map((text) => text.textContent)`);
          expect(beyond).toEqual([]);
        }),
      );
    }
  }
});
