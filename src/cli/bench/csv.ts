import type { Dimensions, Results } from "../../../bench/results.ts";

/**
 * Results as one table (RFC 4180): a row for each sample, each ratio and each figure, and a column for
 * each dimension that any of them has.
 */
export function toCsv({ suites }: Results): string {
  const rows = suites.flatMap((suite) => {
    const common = { benchmark: suite.name };
    return [
      ...suite.measurements.flatMap(({ name, dimensions, bytes, processes }) =>
        processes.flatMap(({ batch, cpu, wall }, process) =>
          cpu.map((value, sample) => ({
            values: {
              ...common,
              kind: "sample",
              name,
              process: process + 1,
              sample: sample + 1,
              cpu_us: value,
              wall_us: wall[sample] ?? "",
              batch,
              bytes: bytes ?? "",
            },
            dimensions,
          })),
        ),
      ),
      ...suite.ratios.map(({ name, dimensions, value, low, high, p, pAdjusted }) => ({
        values: { ...common, kind: "ratio", name, value, low, high, p, p_adjusted: pAdjusted },
        dimensions,
      })),
      ...suite.figures.map(({ name, dimensions, value, unit }) => ({
        values: { ...common, kind: "figure", name, value, unit },
        dimensions,
      })),
    ];
  });
  const dimensions = namesOf(rows.map((row) => row.dimensions));
  const lines = rows.map((row) => [
    ...columns.map((column) => (row.values as Values)[column] ?? ""),
    ...dimensions.map((name) => row.dimensions[name] ?? ""),
  ]);
  return [[...columns, ...dimensions], ...lines]
    .map((line) => line.map((value) => field(String(value))).join(","))
    .map((line) => `${line}\r\n`)
    .join("");
}

type Values = Readonly<Record<string, string | number | undefined>>;

const columns = [
  "benchmark",
  "kind",
  "name",
  "process",
  "sample",
  "cpu_us",
  "wall_us",
  "batch",
  "bytes",
  "value",
  "unit",
  "low",
  "high",
  "p",
  "p_adjusted",
];

const namesOf = (all: readonly Dimensions[]): string[] =>
  [...new Set(all.flatMap((dimensions) => Object.keys(dimensions)))].toSorted();

const field = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
