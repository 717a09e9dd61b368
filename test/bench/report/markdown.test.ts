import { describe, expect, it } from "vitest";
import { markdown } from "../../../src/report/markdown.ts";
import { reportOf } from "../../../bench/report/report.ts";
import { bothRuns } from "./fixture.ts";

const report = reportOf(bothRuns(), { goals: true });
const text = markdown(report, { remarks: "## Remarks\n\nBy hand.\n" });
const headings = (of: string) => of.match(/^##? .*/gm);

describe("a report as Markdown", () => {
  it("has the same sections, and remarks behind the first", () => {
    const titles = report.sections.map(({ title }) => `## ${title}`);
    const [first = "", ...others] = titles;
    expect(headings(text)).toEqual([`# ${report.title}`, first, "## Remarks", ...others]);
  });

  it("has tables whose rows are as long as their heads, details left out", () => {
    for (const table of text.match(/(^\|.*\n)+/gm) ?? []) {
      const widths = table
        .trim()
        .split("\n")
        .map((line) => line.split(" | ").length);
      expect(new Set(widths).size).toBe(1);
    }
    expect(text).toContain("Node 24: 95 % interval");
    expect(text).not.toContain("outliers |");
    expect(text).toMatch(/\| engine ÷ floor, native, X25519MLKEM768 \| ≤ 1\.15 \|.*reached/);
  });

  it("links figures where they are files, but for those that only some want", () => {
    expect(text).not.toContain("![");
    const linked = markdown(report, { figures: "figures" });
    expect(linked).toContain("![By group](figures/handshake-by-group.svg)");
    expect(linked).not.toContain("ecdf");
  });

  it("escapes what would be markup", () => {
    const [section] = report.sections;
    const hostile = {
      ...report,
      title: "a|b <img> [x](y) `c` *d* \\ \n# e &amp;",
      sections: section === undefined ? [] : [section],
    };
    expect(markdown(hostile).split("\n")[0]).toBe(
      "# a\\|b \\<img\\> \\[x\\](y) \\`c\\` \\*d\\* \\\\ \\# e \\&amp;",
    );
  });
});
