import { describe, expect, it } from "vitest";
import { experimentOf } from "../../../../src/lab/experiment/read.ts";
import { experimentReport } from "../../../../src/lab/experiment/report/report.ts";
import { resolveExperiment } from "../../../../src/lab/experiment/resolve.ts";
import { manifestOf } from "../../../../src/lab/experiment/rows.ts";
import { runExperiment } from "../../../../src/lab/experiment/run.ts";
import { loadRenderer } from "../../../../src/report/charts/draw.ts";
import { type Block, textOf } from "../../../../src/report/document.ts";
import { markdown } from "../../../../src/report/markdown.ts";

function reportOf(factors: object) {
  const experiment = resolveExperiment(experimentOf({ name: "a", factors }));
  return experimentReport(manifestOf(experiment), [...runExperiment(experiment)]);
}

const blocksOf = ({ sections }: ReturnType<typeof reportOf>, id: string): readonly Block[] =>
  sections.find((section) => section.id === id)?.blocks ?? [];

const rowsOf = (blocks: readonly Block[]): string[][] =>
  blocks.flatMap((block) =>
    block.kind === "table" ? block.table.rows.map((row) => row.map(textOf)) : [],
  );

const renderer = await loadRenderer();
const drawn = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block) =>
    block.kind === "figure" ? [block.figure.chart.draw(renderer, 1000).outerHTML] : [],
  );

describe("the report of many signatures", () => {
  const report = reportOf({
    group: ["x25519", "X25519MLKEM768"],
    signature: ["ed25519", "mldsa44", "Falcon-512"],
    chain: ["direct", "intermediate"],
    rtt: [20, 400],
  });

  it("has a row for each signature with each group and each chain", () => {
    const rows = rowsOf(blocksOf(report, "signatures"));
    const named = rows.map(([signature, group, chain]) => `${signature} ${group} ${chain}`);
    expect(rows).toHaveLength(12);
    expect(new Set(named).size).toBe(12);
    expect(named).toContain("mldsa44 X25519MLKEM768 intermediate");
    expect(rows.map((row) => row[3]).filter((text) => text === "size only")).toHaveLength(4);
  });

  it("names ClientHellos by what tells them apart, which is neither chain nor signature", () => {
    const [picture] = drawn(blocksOf(report, "hello"));
    expect(picture).toContain(">x25519<");
    expect(picture).toContain(">X25519MLKEM768<");
    expect(picture).not.toContain("intermediate");
  });
});

describe("bytes against latency", () => {
  const payloads = { kernel: "linux-6.1", payload: [1000, 400_000], timer: "last-byte" };

  it("is not drawn where all handshakes have the same bytes", () => {
    expect(blocksOf(reportOf({ ...payloads, rtt: 10 }), "bytes")).toEqual([]);
  });

  it("has a line for some round trips only, where they would lie on each other", () => {
    const group = ["x25519", "X25519MLKEM768"];
    const [picture] = drawn(blocksOf(reportOf({ ...payloads, group, rtt: 10, rate: 1 }), "bytes"));
    const lines = picture?.match(/>\d+ RTT</g) ?? [];
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.length).toBeLessThan(13);
  });
});

describe("a report", () => {
  it("says of each cell when its clock stops", () => {
    const { lead } = reportOf({ timer: ["handshake", "last-byte"], payload: 100 });
    expect(lead[1]).toBe(
      "The clock stops when the client has finished, or at the last byte of the answer. Computing takes no time.",
    );
  });

  it("has no title in Markdown with nothing below it", () => {
    const text = markdown(reportOf({ rtt: Array.from({ length: 41 }, (_, at) => at + 1) }));
    expect(text).not.toMatch(/^## [^\n]+\n+## /m);
    expect(text).toContain("## Method");
  });
});
