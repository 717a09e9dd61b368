/** What the sections of a report have in common. */
import { type Block, type Figure, notes } from "../../../report/document.ts";
import { exact, plural } from "../../../report/numbers.ts";
import type { CellRow } from "../run.ts";
import { isSound, type Sorted } from "./figures.ts";

export const figure = (
  id: string,
  title: string,
  caption: string,
  chart: Figure["chart"],
): Block => ({ kind: "figure", figure: { id, title, caption, chart } });

/** Panels of one figure, and figures of one kind: more are in the rows. */
export const most = { panels: 8, figures: 6, bars: 24, lines: 12 };

export const isNumber = (value: unknown): value is number => typeof value === "number";

/** The least and the greatest: an experiment has more cells than a call may have arguments. */
export const extent = (values: readonly number[]): readonly [number, number] =>
  values.reduce<readonly [number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );

/** Rows by a name of theirs, in the order in which names come. */
export function groupBy(
  rows: readonly CellRow[],
  nameOf: (row: CellRow) => string,
): Map<string, CellRow[]> {
  const groups = new Map<string, CellRow[]>();
  for (const row of rows) {
    const name = nameOf(row);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}

export const repetitionsOf = (rows: readonly CellRow[]): string => {
  const [low, high] = extent(rows.map(({ ms }) => ms.length));
  return low === high ? plural(high, "handshake") : `${exact(low)} to ${plural(high, "handshake")}`;
};

export const moreThan = (count: number, shown: number, what: string): Block[] =>
  count <= shown ? [] : notes([`${count - shown} more ${what} are in the rows`]);

/** The least that happens on a network, where loss and jitter vary: one cell for each thing compared. */
export function calm(
  sorted: Sorted,
): { readonly condition: string; readonly rows: CellRow[]; readonly rtt: number }[] {
  const sound = sorted.rows.filter(isSound);
  const byCondition = groupBy(sound, (row) => sorted.conditionOf(row, ["loss"]));
  return [...byCondition].map(([condition, rows]) => {
    const losses = rows.map(({ values }) => values.loss).filter(isNumber);
    const [least] = extent(losses);
    const kept = losses.length === 0 ? rows : rows.filter(({ values }) => values.loss === least);
    return { condition, rows: kept, rtt: kept[0]?.values.rtt ?? 0 };
  });
}
