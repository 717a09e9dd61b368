/** Real browsers: what a page does it does in each that is there. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, firefox, type Page } from "playwright-core";
import { afterAll } from "vitest";
import { itWith } from "../interop/peers.ts";

const names = ["chromium", "firefox"] as const;
type Name = (typeof names)[number];

export interface RealBrowser {
  readonly name: Name;
  /** Of its program. */
  readonly path: string;
}

/** How a page is opened. */
export interface Opening {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
}

export const desk = { viewport: { width: 1280, height: 900 } };
export const phone = { viewport: { width: 390, height: 844 } };
/** Every size in every scheme. */
export const looks = [desk, phone].flatMap((size) =>
  (["light", "dark"] as const).map((colorScheme) => ({
    ...size,
    colorScheme,
    says: `${size.viewport.width} pixels, ${colorScheme}`,
  })),
);

/** On a busy machine a browser takes its time. */
const patient = 180_000;

/** A test for each browser; one that is not there is skipped with the reason. */
export function inBrowsers(title: string, test: (browser: RealBrowser) => Promise<void>): void {
  for (const name of names) {
    itWith(name, `${title}, in ${name}`, ({ path }) => test({ name, path }), patient);
  }
}

const running = new Map<string, Promise<Browser>>();
afterAll(async () => {
  for (const browser of running.values()) await (await browser).close();
  running.clear();
});

/** One for all tests of a file: it takes seconds to begin. */
function browserFor({ name, path }: RealBrowser, dark: boolean): Promise<Browser> {
  const key = `${name} ${dark}`;
  const browser = running.get(key) ?? launch(name, path, dark);
  running.set(key, browser);
  return browser;
}

const launch = (name: Name, executablePath: string, dark: boolean): Promise<Browser> =>
  name === "chromium"
    ? chromium.launch({
        executablePath,
        args: ["--no-sandbox", "--disable-gpu"],
        timeout: patient,
      })
    : firefox.launch({
        executablePath,
        // As it is released, over WebDriver BiDi
        channel: "moz-firefox",
        // The scheme cannot be emulated in a page
        firefoxUserPrefs: { "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1 },
        timeout: patient,
      });

/** Opens a page by itself, and gives what it complained of. */
export async function withPage<T>(
  browser: RealBrowser,
  { colorScheme = "light", viewport }: Opening,
  look: (page: Page, complaints: string[]) => Promise<T>,
): Promise<T> {
  const opened = await browserFor(browser, colorScheme === "dark");
  const context = await opened.newContext({ viewport, colorScheme });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(90_000);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", ({ message }) => complaints.push(message));
    return await look(page, complaints);
  } finally {
    await context.close();
  }
}

/** Pixels by which a page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );

const axe = (): string =>
  readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core looks at: all of a page, or what stands in one part of it and not in others. */
export interface Inspected {
  readonly within?: string;
  readonly without?: readonly string[];
}

/** What axe-core finds that is serious, as the rule and where. */
export async function seriousFaults(
  page: Page,
  { within = "html", without = [] }: Inspected = {},
): Promise<string[]> {
  // As a debugger does it, since a page's own policy lets no other script in
  await page.evaluate(`if (!("axe" in globalThis)) { ${axe()} }`);
  const context = JSON.stringify({ include: [[within]], exclude: without.map((each) => [each]) });
  // Naming each element that is right takes most of its time; what it would load a page's policy refuses
  const options = JSON.stringify({ resultTypes: ["violations"], preload: false });
  return page.evaluate<string[]>(`axe.run(${context}, ${options}).then(({ violations }) =>
    violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html).join(" ")))`);
}
