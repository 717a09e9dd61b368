import { describe, expect, it } from "vitest";
import { bars } from "../../src/report/charts/bars.ts";
import { boxes } from "../../src/report/charts/boxes.ts";
import {
  inlineSvg,
  loadRenderer,
  MissingPackage,
  svgFile,
  widths,
} from "../../src/report/charts/draw.ts";
import { ecdf } from "../../src/report/charts/ecdf.ts";
import { forest } from "../../src/report/charts/forest.ts";
import { linesOf } from "../../src/report/charts/frame.ts";
import type { Charted } from "../../src/report/charts/renderer.ts";
import { lines as lineChart } from "../../src/report/charts/lines.ts";
import { scatter } from "../../src/report/charts/scatter.ts";
import { sequence } from "../../src/report/charts/sequence.ts";
import { stack } from "../../src/report/charts/stack.ts";

const renderer = await loadRenderer();
const series = (label: string, at: number) => ({ label, fill: `var(--hue-${at})`, opacity: 1 });
const [native, noble] = [series("native", 0), series("noble", 1)];

/** All marks of a kind, with their attributes. */
const marks = (chart: Charted, kind: string, tag: string) => [
  ...chart.draw(renderer, widths.wide).querySelectorAll(`[aria-label="${kind}"] ${tag}`),
];
const numberOf = (mark: Element, name: string): number => Number(mark.getAttribute(name));
const texts = (chart: Charted): string[] =>
  marks(chart, "text", "text").map(({ textContent }) => textContent);

describe("bars", () => {
  const data = [
    { row: "x25519", series: native, value: 1, low: 0.5, high: 2 },
    { row: "x25519", series: noble, value: 10, low: 9, high: 11 },
    { row: "hybrid", series: noble, value: 20 },
  ];

  it("are as long as their values, with ticks at both ends of an interval", () => {
    const chart = bars(data, "ms");
    const [first = 0, second = 0, third = 0] = marks(chart, "bar", "rect").map((bar) =>
      numberOf(bar, "width"),
    );
    expect(second / first).toBeCloseTo(10);
    expect(third / second).toBeCloseTo(2);
    expect(marks(chart, "rule", "line")).toHaveLength(2);
    expect(marks(chart, "tick", "line")).toHaveLength(4);
    expect(texts(chart)).toEqual(
      expect.arrayContaining(["1.00", "10.0", "20.0", "x25519", "hybrid"]),
    );
  });

  it("become dots where one would not be seen beside the other", () => {
    const chart = bars([...data, { row: "slow", series: noble, value: 1000 }], "ms");
    expect(marks(chart, "bar", "rect")).toHaveLength(0);
    expect(marks(chart, "dot", "circle")).toHaveLength(4);
  });

  it("have long names in lines, between words", () => {
    const name = "kemistry, native, for one of another stack, client, tcp, x25519, not verified";
    expect(linesOf(name, 40)).toEqual([
      "kemistry, native, for one of another",
      "stack, client, tcp, x25519, not verified",
    ]);
    expect(linesOf("unbreakable".repeat(9), 40)).toHaveLength(1);
    const chart = bars([{ row: name, series: native, value: 1 }], "ms");
    const shown = (width: number) =>
      [...chart.draw(renderer, width).querySelectorAll("text")].map(
        ({ textContent }) => textContent,
      );
    expect(shown(widths.narrow)).not.toContain(name);
    expect(shown(widths.narrow)).toEqual(expect.arrayContaining(linesOf(name, 46)));
    expect(shown(widths.wide)).toContain(name);
  });

  it("leave no room for what was not measured", () => {
    const height = (chart: Charted) => numberOf(chart.draw(renderer, widths.wide), "height");
    expect(height(bars(data, "ms"))).toBeLessThan(
      height(bars([...data, { row: "hybrid", series: native, value: 2 }], "ms")),
    );
  });
});

it("a box plot has a box and every outlier", () => {
  const values = [1, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07, 3, 4];
  const chart = boxes(
    values.map((value) => ({ row: "a", series: native, value })),
    "ms",
  );
  expect(marks(chart, "dot", "circle")).toHaveLength(2);
  expect(marks(chart, "bar", "rect")).toHaveLength(1);
});

it("an empirical distribution climbs to the whole, one step for each sample", () => {
  const data = [3, 1, 2].map((value) => ({ row: "a", series: native, value }));
  const [line] = marks(ecdf(data, "ms"), "line", "path");
  const levels = new Set(line?.getAttribute("d")?.match(/(?<=[,V])[\d.]+/g));
  expect(levels.size).toBe(4);
});

describe("stacked bytes", () => {
  const part = (name: string, value: number) => ({
    row: "hybrid",
    band: "1 client",
    part: series(name, 0),
    value,
  });
  const lines = [
    { at: 1460, label: "one segment" },
    { at: 14_600, label: "initial window" },
  ];

  it("stand on each other, with their sum", () => {
    const chart = stack([part("a", 300), part("b", 700)], "bytes", []);
    const [a, b] = marks(chart, "bar", "rect");
    expect(numberOf(b!, "x")).toBeCloseTo(numberOf(a!, "x") + numberOf(a!, "width"));
    expect(texts(chart)).toContain("1000  1 client");
  });

  it("are held against lines that are near, and not squeezed by far ones", () => {
    expect(texts(stack([part("a", 8000)], "bytes", lines))).toContain("initial window");
    expect(texts(stack([part("a", 800)], "bytes", lines))).not.toContain("initial window");
  });
});

describe("a forest plot", () => {
  const ratio = { row: "engine ÷ floor", band: "Node 24", value: 1.1, low: 1, high: 1.2 };

  it("has a point, its interval, and the goal", () => {
    const chart = forest([{ ...ratio, goal: { atMost: 1.15 }, tone: "open" }], "ratio", [
      "Node 24",
    ]);
    expect(texts(chart)).toEqual(expect.arrayContaining(["1.10  (1.00 – 1.20)", "engine ÷ floor"]));
    expect(marks(chart, "tick", "line")).toHaveLength(1);
    expect(chart.legend.map(({ label }) => label)).toEqual(["the interval spans the goal"]);
  });

  it("shades the good side", () => {
    const shaded = (goal: { atMost: number } | { atLeast: number }) => {
      const chart = forest([{ ...ratio, goal }], "ratio", ["Node 24"]);
      const [band] = marks(chart, "bar", "rect");
      const [goalMark] = marks(chart, "tick", "line");
      const from = numberOf(band!, "x");
      return [from, from + numberOf(band!, "width")].map((x) => x - numberOf(goalMark!, "x1"));
    };
    const [, upper = 1] = shaded({ atMost: 1.15 });
    const [lower = 1] = shaded({ atLeast: 1.15 });
    expect([upper, lower].map(Math.abs).map(Math.round)).toEqual([0, 0]);
  });

  it("has no goal where none was set", () => {
    expect(marks(forest([ratio], "ratio", ["Node 24"]), "tick", "line")).toHaveLength(0);
  });
});

describe("an SVG file", () => {
  const chart = bars(
    [
      { row: "<x>", series: native, value: 1 },
      { row: "<x>", series: noble, value: 2 },
    ],
    "ms",
  );
  const file = svgFile(renderer, chart, "Cost & price", "<b>");

  it("has its own colours, legend, title and description", () => {
    expect(file).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
    expect(file).not.toMatch(/var\(|currentColor|<style/);
    expect(file).toContain("#0072b2");
    expect(file).toContain("<title>Cost &#38; price</title>");
    expect(file).toContain("<desc>&#60;b&#62;</desc>");
    expect(file).toMatch(/>native<\/text>.*>noble<\/text>/s);
  });

  it("is well-formed, whatever the names are", () => {
    const names = ["<x>", "a&b", '"', "]]>", "no\u00a0break", "\0\x1b[2J", "\ufffe"];
    const data = names.map((row) => ({ row, series: native, value: 1 }));
    const hostile = svgFile(renderer, bars(data, "ms"), names.join(" "), names.join(" "));
    expect(hostile).toContain("&lt;x&gt;");
    expect(hostile).toContain("no\u00a0break");
    // oxlint-disable-next-line no-control-regex
    expect(hostile).not.toMatch(/&(?!(amp|lt|gt|quot|#\d+);)|[\0-\x08\x0e-\x1f\ufffe]/);
    const tags = hostile.match(/<\/?[a-z]+[^>]*>/g) ?? [];
    const opened = tags.filter((tag) => !tag.startsWith("</") && !tag.endsWith("/>"));
    expect(opened).toHaveLength(tags.filter((tag) => tag.startsWith("</")).length);
  });

  it("in a page takes the page's colours", () => {
    const { text } = inlineSvg(renderer, chart, widths.narrow, 'a "title"');
    expect(text).toContain("var(--hue-0)");
    expect(text).toMatch(/^<svg aria-label="a &quot;title&quot;" role="img"/);
  });
});

describe("a package that draws", () => {
  const missing = Object.assign(new Error("no such package"), { code: "ERR_MODULE_NOT_FOUND" });

  it.each(["@observablehq/plot", "linkedom"])(
    "%s is asked for where it is missing",
    async (name) => {
      const load = (wanted: string) =>
        wanted === name ? Promise.reject(missing) : Promise.resolve({});
      await expect(loadRenderer(load)).rejects.toThrow(MissingPackage);
      await expect(loadRenderer(load)).rejects.toThrow("npm install @observablehq/plot linkedom");
    },
  );

  it("that is broken is not called missing", async () => {
    await expect(loadRenderer(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });
});

describe("lines", () => {
  const point = (panel: string, at: typeof native, x: number, y: number) => ({
    panel,
    series: at,
    x,
    y,
  });
  const data = [
    { ...point("near", native, 0, 10), low: 9, high: 12 },
    { ...point("near", native, 0.1, 20), low: 15, high: 30 },
    point("near", noble, 0, 11),
    point("far", native, 0, 200),
  ];
  const chart = lineChart(data, { x: "loss", y: "ms", tick: (value) => `${value * 100} %` });

  it("have a line for each series in each panel, and a band where there are intervals", () => {
    expect(marks(chart, "dot", "circle")).toHaveLength(4);
    expect(marks(chart, "area", "path")).toHaveLength(1);
    expect(chart.legend.map(({ label }) => label)).toEqual(["native", "noble"]);
    expect(texts(chart)).toEqual(
      expect.arrayContaining(["near · ms (logarithmic)", "far · ms (logarithmic)"]),
    );
  });

  it("say that an axis is no length only where it is none", () => {
    const near = lineChart(data.slice(0, 3), { x: "loss", y: "ms" });
    expect(texts(near)).toContain("near · ms");
  });
});

describe("a scatter", () => {
  const spot = (x: number, y: number, label: string) => ({ series: native, x, y, label });
  const chart = scatter(
    [
      spot(1000, 60, "small"),
      // On all four sides of it are names then
      ...["below", "right", "left", "hidden"].map((label) => spot(1001, 60, label)),
      spot(100_000, 150, "large"),
    ],
    { x: "bytes", y: "ms" },
    [{ at: 60, label: "2 RTT" }],
  );

  it("names spots, but not one on the other, and the lines across", () => {
    expect(marks(chart, "dot", "circle")).toHaveLength(6);
    expect(texts(chart)).toEqual(expect.arrayContaining(["small", "right", "large", "2 RTT"]));
    expect(texts(chart)).not.toContain("hidden");
  });
});

describe("a sequence", () => {
  const chart = sequence(
    [
      { from: "left", sent: 0, arrives: 10, holds: "SYN", again: false },
      { from: "right", sent: 10, holds: "lost one", again: false },
      { from: "right", sent: 30, arrives: 40, holds: "again", again: true },
    ],
    [{ side: "left", at: 40, label: "done" }],
    { left: "client", right: "server" },
  );

  it("has an arrow for each packet, a cross for what was lost, and moments", () => {
    expect(marks(chart, "arrow", "path")).toHaveLength(3);
    expect(chart.legend.map(({ label }) => label)).toEqual([
      "client to server",
      "lost",
      "sent again",
    ]);
    expect(texts(chart)).toEqual(
      expect.arrayContaining(["SYN", "lost one", "again", "done, 40.0 ms", "client", "server"]),
    );
  });

  it("goes down in time", () => {
    const at = (text: string): number => {
      const [found] = marks(chart, "text", "text").filter(
        ({ textContent }) => textContent === text,
      );
      return Number(
        /translate\([\d.-]+,([\d.-]+)\)/.exec(found?.getAttribute("transform") ?? "")?.[1],
      );
    };
    expect(at("again")).toBeGreaterThan(at("SYN"));
  });

  it("has one name for what leaves together, with all bytes of it, and for moments that are one", () => {
    const burst = sequence(
      [
        { from: "right", sent: 0, arrives: 10, holds: 2896, again: false },
        { from: "right", sent: 0.1, arrives: 10.1, holds: 1448, again: false },
        { from: "left", sent: 20, arrives: 30, holds: 64, again: false },
      ],
      [
        { side: "left", at: 10.1, label: "handshake" },
        { side: "left", at: 10.2, label: "request" },
      ],
      { left: "client", right: "server" },
    );
    expect(texts(burst)).toEqual([
      "4344 B, 2 packets",
      "64 B",
      "handshake, request, 10.2 ms",
      "client",
      "server",
    ]);
  });
});
