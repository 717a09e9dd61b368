import { expect, it } from "vitest";
import { blocksOf } from "../../src/cli/lab/pool.ts";
import { experimentOf } from "../../src/lab/experiment/read.ts";
import { resolveExperiment } from "../../src/lab/experiment/resolve.ts";

const cellsOf = (factors: object) =>
  resolveExperiment(experimentOf({ name: "a", factors: { signature: "ed25519", ...factors } }))
    .cells;

it("gives one thread the cells of one handshake, in order, but leaves work for all", () => {
  const cells = cellsOf({ group: ["x25519", "secp256r1"], rtt: [1, 2, 3, 4, 5] });
  expect(blocksOf(cells, 1)).toEqual([
    [0, 1, 2],
    [3, 4],
    [5, 6, 7],
    [8, 9],
  ]);
  expect(blocksOf(cells, 4)).toEqual(cells.map(({ index }) => [index]));
  expect(blocksOf([], 2)).toEqual([]);
});
