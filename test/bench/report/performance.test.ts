import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readResults } from "../../../bench/read-results.ts";
import { markdown } from "../../../src/report/markdown.ts";
import { reportOf } from "../../../bench/report/report.ts";

const root = new URL("../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const has = (path: string): boolean => existsSync(new URL(path, root));
const script = (JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts[
  "performance"
];

describe("docs/performance.md", () => {
  it("is what npm run performance writes from the committed results", ({ skip }) => {
    if (!has("bench/results") || !has("docs/performance.md")) {
      return skip("there are no committed results yet");
    }
    const names = readdirSync(fileURLToPath(new URL("bench/results", root)))
      .filter((name) => name.endsWith(".json"))
      .toSorted();
    const files = names.map((name) => ({
      name: `bench/results/${name}`,
      results: readResults(read(`bench/results/${name}`)),
    }));
    const remarks = read("bench/report/remarks.md");
    expect(read("docs/performance.md")).toBe(
      markdown(reportOf(files, { goals: true }), { remarks }),
    );
  });

  it("is written from all of them, with the remarks that are checked here", () => {
    expect(script).toContain("report bench/results/*.json --md docs/performance.md --goals");
    expect(script).toContain("--remarks bench/report/remarks.md");
    expect(read("bench/report/remarks.md")).toMatch(/^## /);
  });
});
