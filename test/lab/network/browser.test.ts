import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { describe, expect } from "vitest";
import { itWith } from "../../interop/peers.ts";
import { expected } from "./digest.ts";

describe("the network in Chromium", () => {
  itWith("chromium", "gives the same as in Node", async ({ path }) => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("digest.ts", import.meta.url))],
      bundle: true,
      write: false,
      format: "iife",
      globalName: "network",
      logLevel: "silent",
    });
    const browser = await chromium.launch({
      executablePath: path,
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await browser.newPage();
      await page.addScriptTag({ content: outputFiles[0]!.text });
      expect(await page.evaluate("network.digest()")).toBe(expected);
    } finally {
      await browser.close();
    }
  });
});
