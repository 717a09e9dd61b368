import { costOf, type Estimate, holm, ratioBetween } from "../src/statistics/index.ts";
import type { Figure, Measurement, Results } from "./results.ts";
import { cpuByProcess } from "./samples.ts";

export type Change = "slower" | "faster" | "more" | "less" | "same";

/** What became of one measurement, or of one count of bytes. */
export interface Row {
  readonly suite: string;
  readonly name: string;
  /** Microseconds of CPU, by the lower quartiles of each process; or bytes. */
  readonly before: number;
  readonly after: number;
  /** Times what it was. */
  readonly ratio: Estimate;
  /** By Welch's t test over processes, after Holm's correction; the family is all measurements. */
  readonly pAdjusted: number;
  readonly change: Change;
}

export interface Comparison {
  readonly rows: readonly Row[];
  /** How many stand in one of the two only. */
  readonly onlyBefore: number;
  readonly onlyAfter: number;
}

/** Of differences that are none, this share may be called one. */
const significance = 0.05;

/**
 * Compares two runs, entry by entry. A difference counts if it is larger than the threshold, and what is
 * measured must differ by more than chance too.
 * @param threshold 1.05 for five per cent
 */
export function compareResults(before: Results, after: Results, threshold: number): Comparison {
  const times = pairsOf(before, after, ({ measurements }) => measurements);
  const tested = times.pairs.map(({ suite, a, b }) => ({
    suite,
    name: a.name,
    before: costOf(cpuByProcess(a)).value,
    after: costOf(cpuByProcess(b)).value,
    ratio: ratioBetween(cpuByProcess(b), cpuByProcess(a)),
  }));
  const adjusted = holm(tested.map(({ ratio }) => ratio.p));
  const measured = tested.map((row, index): Row => {
    const pAdjusted = adjusted[index] ?? 1;
    const isReal = pAdjusted < significance;
    const { value } = row.ratio;
    const change =
      isReal && value > threshold ? "slower" : isReal && value < 1 / threshold ? "faster" : "same";
    return { ...row, pAdjusted, change };
  });
  const sizes = pairsOf(before, after, ({ figures }) => figures.filter(({ unit }) => unit === "B"));
  const counted = sizes.pairs.map(({ suite, a, b }): Row => {
    const value = b.value / a.value;
    const change = value > threshold ? "more" : value < 1 / threshold ? "less" : "same";
    const ratio = { value, low: value, high: value };
    return {
      suite,
      name: a.name,
      before: a.value,
      after: b.value,
      ratio,
      pAdjusted: Number(change === "same"),
      change,
    };
  });
  return {
    rows: [...measured, ...counted],
    onlyBefore: times.onlyBefore + sizes.onlyBefore,
    onlyAfter: times.onlyAfter + sizes.onlyAfter,
  };
}

function pairsOf<T extends Measurement | Figure>(
  before: Results,
  after: Results,
  entriesOf: (suite: Results["suites"][number]) => readonly T[],
) {
  const keyed = ({ suites }: Results) =>
    new Map(
      suites.flatMap((suite) =>
        entriesOf(suite).map((entry) => [`${suite.name}\n${entry.name}`, { suite, entry }]),
      ),
    );
  const old = keyed(before);
  const recent = keyed(after);
  const pairs = [...old].flatMap(([key, { suite, entry }]) => {
    const other = recent.get(key);
    return other === undefined ? [] : [{ suite: suite.name, a: entry, b: other.entry }];
  });
  return {
    pairs,
    onlyBefore: old.size - pairs.length,
    onlyAfter: recent.size - pairs.length,
  };
}
