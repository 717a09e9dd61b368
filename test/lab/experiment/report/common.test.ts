import { describe, expect, it } from "vitest";
import { extent, groupBy, repetitionsOf } from "../../../../src/lab/experiment/report/common.ts";
import { sortRows } from "../../../../src/lab/experiment/report/figures.ts";
import { loadSection, lossSection } from "../../../../src/lab/experiment/report/sections/curves.ts";
import { loadRenderer } from "../../../../src/report/charts/draw.ts";
import { experimentOf } from "../../../../src/lab/experiment/read.ts";
import { resolveExperiment } from "../../../../src/lab/experiment/resolve.ts";
import type { CellRow } from "../../../../src/lab/experiment/run.ts";

/** Rows of so many cells, each with a hundred handshakes of 1 to 100 ms. */
const rowsOf = (loss: readonly number[]): CellRow[] => rowsWith({ loss, rtt: 20 });

function rowsWith(factors: object): CellRow[] {
  const cpuTables = { mine: {} };
  const { cells } = resolveExperiment(experimentOf({ name: "a", factors, cpuTables }));
  const ms = Array.from({ length: 100 }, (_, at) => at + 1);
  return cells.map(({ index, values }) => ({ cell: index, values, sizeOnly: [], broken: [], ms }));
}

describe("the sections of a report", () => {
  const [row] = rowsOf([0]);
  // More than a call may have arguments
  const many = Array.from({ length: 300_000 }, (_, at): CellRow => ({ ...row!, ms: [at % 7] }));

  it("find the least and the greatest of as many cells as an experiment may have", () => {
    expect(extent(many.map((_, at) => at))).toEqual([0, 299_999]);
    expect(repetitionsOf(many)).toBe("1 handshake");
    expect(repetitionsOf([...many, row!])).toBe("1 to 100 handshakes");
  });

  it("sort them in one pass", () => {
    const groups = groupBy(many, ({ ms }) => String(ms[0]));
    expect([...groups.keys()]).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
    expect([...groups.values()].reduce((sum, { length }) => sum + length, 0)).toBe(many.length);
  });

  it("name percentiles as people do", () => {
    const sections = lossSection(sortRows(rowsOf([0, 0.01])), [50, 21, 92, 75]);
    const titles = sections.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.kind === "figure" ? [block.figure.title] : [])),
    );
    expect(titles).toEqual([
      "Median against loss",
      "21st percentile against loss",
      "92nd percentile against loss",
      "75th percentile against loss",
    ]);
  });

  it("draw percentiles against the load, a panel for each number of cores", async () => {
    const cores = (count: number) => [100, 200].map((perSecond) => ({ perSecond, cores: count }));
    const load = ["none", ...cores(1), ...cores(4), { parallel: 9, cores: 1, of: "both" }];
    const rows = rowsWith({ cpu: "mine", rtt: 20, load });
    const sorted = sortRows(rows);
    const sections = loadSection(sorted, [50]);
    expect(sections.map(({ id, title }) => [id, title])).toEqual([["load-perSecond", "Load"]]);
    const [block] = sections[0]!.blocks;
    if (block?.kind !== "figure") throw new TypeError("no figure");
    const drawn = block.figure.chart.draw(await loadRenderer(), 800).outerHTML;
    expect(drawn).toContain("1 core of the server");
    expect(drawn).toContain("4 cores of the server");
    expect(drawn).not.toContain("both ends");
    expect(sorted.conditionOf(rows.at(-1)!)).toBe("9 clients at once · 1 core of both ends");
    expect(loadSection(sortRows(rowsOf([0, 0.1])), [50])).toEqual([]);
  });
});
