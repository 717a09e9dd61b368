import { describe, expect, it } from "vitest";
import { experimentOf } from "../../../../src/lab/experiment/read.ts";
import { differenceSection } from "../../../../src/lab/experiment/report/sections/differences.ts";
import { sortRows } from "../../../../src/lab/experiment/report/figures.ts";
import { resolveExperiment } from "../../../../src/lab/experiment/resolve.ts";
import { type CellRow, runExperiment } from "../../../../src/lab/experiment/run.ts";

const tableOf = (rows: readonly CellRow[]) =>
  differenceSection(sortRows(rows)).flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === "table" ? block.table.rows : [])),
  );

const run = (factors: object, repetitions = 300): CellRow[] => [
  ...runExperiment(
    resolveExperiment(
      experimentOf({
        name: "a",
        repetitions,
        factors: { signature: "ed25519", kernel: "linux-6.1", ...factors },
      }),
    ),
  ),
];

describe("differences", () => {
  const lossy = run({ group: ["x25519", "X25519MLKEM768"], rtt: [20, 100], loss: 0.05 });

  it("are of each pair of handshakes with the same draws, under each condition", () => {
    const rows = tableOf(lossy);
    expect(rows.map(([compared, , , pairs]) => [compared, pairs])).toEqual([
      ["X25519MLKEM768, RTT 20 ms", "300"],
      ["X25519MLKEM768, RTT 100 ms", "300"],
    ]);
    expect(tableOf(lossy)).toEqual(rows);
  });

  it("have intervals around their median, narrower than those of single medians", () => {
    const shifted = lossy.map((row, at) => ({
      ...row,
      // A constant is added to what varies by a second: only pairs show it
      ms: at < 2 ? row.ms : lossy[at - 2]!.ms.map((time) => (time === null ? null : time + 1.5)),
    }));
    expect(tableOf(shifted).map((row) => row.slice(1, 3))).toEqual([
      ["+1.50", "+1.50 to +1.50"],
      ["+1.50", "+1.50 to +1.50"],
    ]);
  });

  it("leave out pairs of which one failed", () => {
    const failed = lossy.map((row, at) => ({
      ...row,
      ms: row.ms.map((time, index) => (at === 2 && index < 10 ? null : time)),
    }));
    expect(tableOf(failed).map((row) => row[3])).toEqual(["290", "300"]);
  });

  it("are not there where nothing is drawn, or nothing compared", () => {
    expect(differenceSection(sortRows(run({ group: ["x25519", "secp256r1"] })))).toEqual([]);
    expect(differenceSection(sortRows(run({ loss: 0.1, rtt: [20, 30] }, 20)))).toEqual([]);
  });
});
