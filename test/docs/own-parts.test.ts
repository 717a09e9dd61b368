/** Parts of one's own, as the page shows them, in a browser: all that it needs is the core. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { itWith } from "../interop/peers.ts";
import { extractExamples, resolveImports, root } from "./examples.ts";

const here = join(root, "test/docs");
const page = "docs/own-parts.md";
const examples = extractExamples(page, readFileSync(join(root, page), "utf8"));

async function bundle(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: here, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

describe("parts of one's own", () => {
  it("are shown, each in at most twenty lines after its imports", () => {
    expect(examples.length).toBeGreaterThanOrEqual(9);
    for (const { code } of examples) {
      const lines = code.split("\n").filter((line) => line !== "" && !line.startsWith("import "));
      expect(lines.length).toBeLessThanOrEqual(20);
    }
  });

  itWith(
    "chromium",
    "run in a browser and print what the page says",
    async ({ path }) => {
      const browser = await chromium.launch({
        executablePath: path,
        args: ["--no-sandbox", "--disable-gpu"],
      });
      try {
        for (const example of examples) {
          const tab = await browser.newPage();
          const printed: string[] = [];
          tab.on("console", (message) => printed.push(message.text()));
          const errors: string[] = [];
          tab.on("pageerror", ({ message }) => errors.push(message));
          await tab.goto("about:blank");
          const code = await bundle(resolveImports(example, here));
          await tab.evaluate(code);
          const said = /console\.log\(.*\); \/\/ (.+)$/m.exec(example.code)?.[1];
          expect(errors).toEqual([]);
          if (said?.startsWith("Uint8Array") !== true) expect(printed).toEqual([said]);
          else expect(printed).toHaveLength(1);
          await tab.close();
        }
      } finally {
        await browser.close();
      }
    },
    240_000,
  );
});
