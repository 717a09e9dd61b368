import { type Cell, notes, type Section, table } from "../../../../report/document.ts";
import { exact } from "../../../../report/numbers.ts";
import { pairedDifference } from "../../../../statistics/index.ts";
import type { CellRow } from "../../run.ts";
import { groupBy, moreThan } from "../common.ts";
import { isSound, type Sorted } from "../figures.ts";

/** Rows of the table: each is drawn again many times. */
const longest = 24;
/** Draws for one interval, of all pairs together: enough for two digits. */
const draws = { least: 200, most: 2000, inAll: 500_000 };

/**
 * What each thing costs more than the first, under the same draws: a packet that one lost the other lost too, so an
 * interval of differences is narrower than two intervals let hope.
 */
export function differenceSection(sorted: Sorted): Section[] {
  const drawn = sorted.rows.filter((row) => isSound(row) && row.ms.length > 1);
  const conditions = groupBy(drawn, (row) => sorted.conditionOf(row));
  const pairs = [...conditions].flatMap(([condition, [first, ...others]]) =>
    others.flatMap((other) => pairOf(condition, first!, other)),
  );
  if (pairs.length === 0) return [];
  const base = sorted.seriesOf(pairs[0]!.first).label;
  return [
    {
      id: "differences",
      title: "Differences",
      blocks: [
        ...table({
          title: `Longer than ${base}, handshake by handshake, ms`,
          columns: [
            { title: "compared, under its condition" },
            { title: "median", align: "right" },
            { title: "95 % interval", align: "right" },
            { title: "pairs", align: "right", detail: true },
          ],
          rows: pairs.slice(0, longest).map((pair): Cell[] => rowOf(pair, sorted)),
        }),
        ...moreThan(pairs.length, longest, "differences"),
        ...notes([
          `The same packets are lost in both handshakes of a pair. Intervals are by a bootstrap of pairs, with a seed, so they are the same every time. Pairs of which one failed are left out.`,
        ]),
      ],
    },
  ];
}

interface Pair {
  readonly condition: string;
  readonly first: CellRow;
  readonly other: CellRow;
  readonly times: readonly (readonly [first: number, other: number])[];
}

/** None, where the two have not the same draws. */
function pairOf(condition: string, first: CellRow, other: CellRow): Pair[] {
  if (first.ms.length !== other.ms.length) return [];
  const times = first.ms.flatMap((time, at): [number, number][] => {
    const others = other.ms[at]!;
    return time === null || others === null ? [] : [[time, others]];
  });
  return times.length === 0 ? [] : [{ condition, first, other, times }];
}

function rowOf({ condition, other, times }: Pair, sorted: Sorted): Cell[] {
  const resamples = Math.round(
    Math.min(draws.most, Math.max(draws.least, draws.inAll / times.length)),
  );
  const { value, low, high } = pairedDifference(
    times.map(([, time]) => time),
    times.map(([time]) => time),
    0.5,
    { resamples },
  );
  return [
    [sorted.seriesOf(other).label, condition].filter((text) => text !== "").join(", "),
    signed(value),
    `${signed(low)} to ${signed(high)}`,
    exact(times.length),
  ];
}

/** To the hundredth of a millisecond. */
const signed = (ms: number): string => {
  const text = ms.toFixed(2);
  return Number(text) > 0 ? `+${text}` : text.replace(/^-0\.00$/, "0.00");
};
