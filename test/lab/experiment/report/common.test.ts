import { describe, expect, it } from "vitest";
import { extent, groupBy, repetitionsOf } from "../../../../src/lab/experiment/report/common.ts";
import { sortRows } from "../../../../src/lab/experiment/report/figures.ts";
import { lossSection } from "../../../../src/lab/experiment/report/sections/loss.ts";
import { experimentOf } from "../../../../src/lab/experiment/read.ts";
import { resolveExperiment } from "../../../../src/lab/experiment/resolve.ts";
import type { CellRow } from "../../../../src/lab/experiment/run.ts";

/** Rows of so many cells, each with a hundred handshakes of 1 to 100 ms. */
function rowsOf(losses: readonly number[]): CellRow[] {
  const factors = { loss: [...losses], rtt: 20 };
  const { cells } = resolveExperiment(experimentOf({ name: "a", factors }));
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
});
