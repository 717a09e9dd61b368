import { createHash } from "node:crypto";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { loadRenderer } from "../../../src/report/charts/draw.ts";
import { figuresOf, paragraph } from "../../../src/report/document.ts";
import { markdown } from "../../../src/report/markdown.ts";
import { page } from "../../../src/report/page/page.ts";
import { reportOf } from "../../../bench/report/report.ts";
import type { Results } from "../../../bench/results.ts";
import { measuredBy, resultsWith } from "../support.ts";
import { bothRuns, runOf } from "./fixture.ts";

const renderer = await loadRenderer();
const pageOf = (...runs: readonly Results[]): string =>
  page(
    reportOf(
      runs.map((results, at) => ({ name: `${at}.json`, results })),
      { goals: true },
    ),
    renderer,
  );
const documentOf = (html: string) => parseHTML(html).document;
const textsOf = (html: string, selector: string): string[] =>
  [...documentOf(html).querySelectorAll(selector)].map(({ textContent }) => textContent.trim());

const both = pageOf(...bothRuns().map(({ results }) => results));

describe("the page", () => {
  it("has a section for each suite, between the goals and the method", () => {
    const sections = textsOf(both, "h2");
    expect(sections[0]).toBe("What was asked for");
    expect(sections).toContain("Whole handshakes in memory, both ends");
    expect(sections.slice(-2)).toEqual(["Method", "Environment"]);
    expect(textsOf(both, "nav a")).toEqual(sections);
  });

  it("leaves out a section with nothing in it", () => {
    const sections = [
      { id: "a", title: "Empty", blocks: [] },
      { id: "b", title: "Full", blocks: [paragraph("words")] },
    ];
    const html = page({ title: "T", lead: [], warnings: [], sections }, renderer);
    expect(textsOf(html, "h2")).toEqual(["Full"]);
    expect(textsOf(html, "nav a")).toEqual(["Full"]);
  });

  it("says nothing of goals to those who did not ask for this project's", () => {
    const words = markdown(reportOf(bothRuns()));
    expect(words).not.toMatch(/goal|verdict|reached|missed|What was asked for/);
    expect(words).toMatch(/^# What was measured\n/);
    expect(words).toContain("engine ÷ floor, native, X25519MLKEM768");
    expect(markdown(reportOf(bothRuns(), { goals: true }))).toMatch(/≤ 1\.15/);
  });

  it("has tails where single operations were measured, and enough of them", () => {
    const samples = Array.from({ length: 600 }, (_, at) => at + 1);
    const titles = (count: number, batch = 1) => {
      const measured = measuredBy("one", samples.slice(0, count));
      const processes = measured.processes.map((each) => ({ ...each, batch }));
      const results = resultsWith({ measurements: [{ ...measured, processes }] });
      return markdown(reportOf([{ name: "a", results }]));
    };
    expect(titles(600)).toMatch(/\| one \| 0\.30\d* \| 0\.57\d* \| 0\.594 /);
    // Five samples must lie beyond
    expect(titles(400)).toMatch(/\| one \| 0\.20\d* \| 0\.38\d* \| – /);
    expect(titles(60)).not.toContain("p95");
    expect(titles(600, 2)).not.toContain("p95");
  });

  it("has every kind of plot, each at two widths", () => {
    const ids = [...documentOf(both).querySelectorAll("figure[id]")].map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        "figure-goals",
        "figure-handshake-by-group",
        "figure-handshake-boxes",
        "figure-handshake-ecdf",
        "figure-size-by-group-and-signature",
        "figure-memory-kib",
      ]),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(documentOf(both).querySelectorAll("figure svg")).toHaveLength(ids.length * 2);
  });

  it("takes nothing from elsewhere, and allows no script but its own", () => {
    expect(both).not.toMatch(/\b(src|srcset|action|data)=|url\(|@import|https?:/);
    const [script = ""] = both.match(/(?<=<script>).*(?=<\/script>)/s) ?? [];
    const hash = createHash("sha256").update(script).digest("base64");
    const [policy = ""] = both.match(/(?<=Content-Security-Policy" content=")[^"]*/) ?? [];
    expect(policy).toContain("default-src &#39;none&#39;");
    expect(policy).toContain(hash);
  });

  it("gives a value with its interval, and says what was not settled or far out", () => {
    const [row = ""] = textsOf(both, "tr").filter((text) => text.startsWith("noble, x25519, full"));
    expect(row).toMatch(/^noble, x25519, full[\d.]+ †[\d.]+ – [\d.]+/);
    expect(row).toMatch(/\d+ of 24/);
    const settled = textsOf(both, "tr").find((text) => text.startsWith("native, x25519, full"));
    expect(settled).not.toContain("†");
  });

  it("puts runs side by side", () => {
    expect(new Set(textsOf(both, "thead .groups th"))).toEqual(new Set(["Node 20", "Node 24"]));
    expect(textsOf(pageOf(runOf("24.21.0")), ".legend li")).not.toContain("native, Node 24");
  });

  it("shows bytes against the initial window", () => {
    expect(both).toContain("initial window");
    expect(both.replaceAll("\u202f", "")).toContain("10 × 1460 = 14600 B");
  });

  it("is the same each time", () => {
    expect(pageOf(...bothRuns().map(({ results }) => results))).toBe(both);
  });
});

describe("what a reader must know", () => {
  const warnings = (changes: Partial<Results>) =>
    textsOf(pageOf(runOf("24.21.0", changes)), ".warnings li").join("\n");
  const { environment, options, suites } = runOf("24.21.0");

  it("is nothing where all went well", () => {
    const settled = suites.filter(({ name }) => name !== "handshake");
    const names = settled.map(({ name }) => name);
    expect(warnings({ suites: settled, options: { ...options, suites: names } })).toBe("");
  });

  it.each<[string, Partial<Results>, string]>([
    [
      "that a run was stopped early",
      { complete: false, suites: suites.slice(0, 3) },
      "stopped early; it holds 3 of 5 suites, and nothing of size and memory",
    ],
    ["that the machine was busy", { environment: { ...environment, load: 3.2 } }, "load 3.2 on 4"],
    ["that it was quick", { options: { ...options, profile: "quick" } }, "not for a claim"],
    [
      "that the files were changed",
      { environment: { ...environment, commit: "abc with changes" } },
      "not as committed",
    ],
    ["that a warm-up did not settle", {}, "the warm-up of 1 of 50 measurements"],
  ])("is %s", (_what, changes, text) => {
    expect(warnings(changes)).toContain(text);
  });

  it("is said once of all runs that it is true of", () => {
    const text = textsOf(both, ".warnings li");
    expect(text).toEqual([
      "Node 20 and Node 24: the warm-up of 1 of 50 measurements was not seen to be over (marked †).",
    ]);
  });

  it("is that runs are from different machines or commits", () => {
    const other = { ...environment, cpu: "Another Processor", commit: "fedcba" };
    const text = textsOf(
      pageOf(runOf("20.20.2"), runOf("24.21.0", { environment: other })),
      ".warnings li",
    ).join("\n");
    expect(text).toContain("different machines");
    expect(text).toContain("different commits");
  });
});

describe("names out of a file", () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&\u0000`;
  const [first] = runOf("24.21.0").suites;
  const named = (text: string): Results => {
    const base = runOf("24.21.0");
    const measurements = (first?.measurements ?? []).slice(0, 2).map((one, at) => ({
      ...one,
      name: `${text}${at}`,
      dimensions: { [text]: `${text}${at}`, provider: text, group: `${text}${at}` },
    }));
    const [numerator = "", denominator = ""] = measurements.map(({ name }) => name);
    const ratio = {
      name: text,
      dimensions: {},
      numerator,
      denominator,
      value: 1,
      low: 0.9,
      high: 1.1,
      p: 0.5,
      pAdjusted: 0.5,
      settled: true,
      noise: text,
    };
    const figures = ["KiB", text].map((unit) => ({
      name: text + unit,
      dimensions: {},
      value: 1,
      unit,
    }));
    return {
      ...base,
      environment: { ...base.environment, cpu: text, commit: text, packages: { [text]: text } },
      options: { ...base.options, filter: text },
      suites: [
        {
          name: text,
          title: text,
          seconds: 1,
          measurements,
          ratios: [ratio],
          figures,
          notes: [text],
        },
      ],
    };
  };

  it("stay text", () => {
    const document = documentOf(pageOf(named(hostile)));
    expect(document.querySelectorAll("script")).toHaveLength(1);
    expect(document.querySelectorAll("img, [onerror], iframe, object")).toHaveLength(0);
    expect([...document.querySelectorAll("h2")].map(({ textContent }) => textContent)).toContain(
      hostile,
    );
  });

  it("never name a file or a link", () => {
    const report = reportOf([{ name: "a", results: named("../../etc/passwd") }]);
    const ids = figuresOf(report).map(({ figure }) => figure.id);
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("name figures apart, even if nothing of them can be in an id", () => {
    const results = named("日本");
    const [suite] = results.suites;
    const twice = suite === undefined ? [] : [suite, { ...suite, name: "中国" }];
    const report = reportOf([{ name: "a", results: { ...results, suites: twice } }]);
    const ids = figuresOf(report).map(({ figure }) => figure.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });
});
