/** Slots by libsodium and liboqs fill whole handshakes in real browsers. */
import { expect } from "vitest";
import { desk, inBrowsers, withPage } from "../support/browsers.ts";
import { preparing, servePage } from "./webassembly-page.ts";

inBrowsers("handshakes by each provider of WebAssembly", async (browser) => {
  const { origin, close } = await servePage();
  try {
    await withPage(browser, desk, async (page, complaints) => {
      await page.goto(origin);
      await page.evaluate(preparing(origin));
      const made = await page.evaluate<string[]>(
        `Object.entries(subjects).map(([name, handshakes]) => (handshakes(1), name))`,
      );
      expect(made).toEqual(["noble", "liboqs", "libsodium", "liboqs and libsodium"]);
      expect(complaints.filter((each) => !each.includes("404"))).toEqual([]);
    });
  } finally {
    close();
  }
});
