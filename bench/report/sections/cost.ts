/** What was measured in time: charts and a table. */
import { type Estimate, median, summaryOf } from "../../../src/statistics/index.ts";
import type { Measurement } from "../../results.ts";
import { cpuSamples, isSettled, percentiles, tailsOf, wallSamples } from "../../samples.ts";
import { bars } from "../../../src/report/charts/bars.ts";
import { boxes, isFarApart, type Sample } from "../../../src/report/charts/boxes.ts";
import { ecdf } from "../../../src/report/charts/ecdf.ts";
import { hue, type Series, strengthOf } from "../../../src/report/charts/frame.ts";
import type { Block, Cell, Column, Figure, Table } from "../../../src/report/document.ts";
import { table } from "../../../src/report/document.ts";
import { costOf } from "../estimates.ts";
import { interval, least, significant } from "../../../src/report/numbers.ts";
import {
  dimensionsOf,
  isShare,
  panelsOf,
  rowNamer,
  seriesDimensions,
  seriesName,
} from "../panels.ts";
import { fullestFirst, slug, type SuiteRuns } from "./suite-runs.ts";

/** A measurement, and the number of the run that it is of. */
interface Entry extends Measurement {
  readonly run: number;
}

export function costBlocks(suite: SuiteRuns): Block[] {
  const of = fullestFirst(suite.of, ({ measurements }) => measurements.length);
  const entries = of.flatMap(({ result, run }) =>
    (result?.measurements ?? [])
      .filter((measurement) => cpuSamples(measurement).length > 0)
      .map((measurement): Entry => ({ ...measurement, run })),
  );
  if (entries.length === 0) return [];
  const shares = entries.filter((entry) => isShare(entry, entries));
  const wholes = entries.filter((entry) => !shares.includes(entry));
  return [
    ...costFigures(suite, wholes).map(shown),
    { kind: "table", table: costTable(suite, wholes) },
    ...tailBlocks(suite, wholes),
    ...(shares.length === 0
      ? []
      : [
          {
            kind: "more",
            summary: "Client and server apart",
            blocks: sharesOf(suite, shares),
          } as const,
        ]),
    {
      kind: "more",
      summary: "How the samples are distributed",
      blocks: distributions(suite, wholes).map(shown),
    },
  ];
}

const shown = (figure: Figure): Block => ({ kind: "figure", figure });

const sharesOf = (suite: SuiteRuns, entries: readonly Entry[]): Block[] =>
  [...new Set(entries.map(({ dimensions }) => dimensions["role"] ?? ""))].flatMap((role) => {
    const own = entries.filter(({ dimensions }) => dimensions["role"] === role);
    return [
      ...costFigures(suite, own, role).map(shown),
      { kind: "table", table: costTable(suite, own) } as const,
    ];
  });

function costFigures(suite: SuiteRuns, entries: readonly Entry[], role = ""): Figure[] {
  const panels = panelsOf(firstOfName(entries));
  const seriesOf = seriesNamer(suite, entries);
  return panels.map(({ title, entries: within }) => {
    const names = new Set(within.map(({ name }) => name));
    const own = entries.filter(({ name }) => names.has(name));
    const scale = scaleOf(own);
    const rowOf = rowNamer(within);
    const data = own.map((entry) => {
      const [value, low, high] = scale.convert(entry, costOf(entry));
      return { row: rowOf(entry), series: seriesOf(entry), value, low, high };
    });
    return {
      id: slug(suite.id, role, title),
      title: [title === "" ? "Cost of one operation" : title, role]
        .filter((part) => part !== "")
        .join(": "),
      caption: [`${scale.meaning}, and its 95 % interval.`, ...constants(within)].join(" "),
      chart: bars(data, scale.unit),
    };
  });
}

const firstOfName = (entries: readonly Entry[]): Entry[] => [
  ...new Map(entries.map((entry) => [entry.name, entry])).values(),
];

/** What is the same for all of a chart is said once. */
function constants(entries: readonly Entry[]): string[] {
  const same = dimensionsOf(entries).flatMap((name) => {
    const values = new Set(entries.map(({ dimensions }) => dimensions[name]));
    const isTold = values.size === 1 && !(name === "role" && values.has("both"));
    return isTold ? [`${name} ${[...values].join("")}`] : [];
  });
  return same.length === 0 ? [] : [`All with ${same.join(", ")}.`];
}

interface Scale {
  readonly unit: string;
  readonly meaning: string;
  convert(entry: Measurement, estimate: Estimate): [value: number, low: number, high: number];
}

/** Bulk is measured by its rate; time in the unit that leaves digits to all. */
function scaleOf(entries: readonly Measurement[]): Scale {
  if (entries.every(({ bytes }) => bytes !== undefined && bytes >= 2 ** 20)) {
    return {
      unit: "MB per CPU second",
      meaning: "Megabytes for each second of CPU time, by the lower quartile of the cost",
      convert: ({ bytes = 0 }, { value, low, high }) => [bytes / value, bytes / high, bytes / low],
    };
  }
  const divisor = timeDivisor(entries);
  return {
    unit: divisor === 1 ? "CPU time, µs" : "CPU time, ms",
    meaning: "CPU time of one operation, user and system, all threads: lower quartile",
    convert: (_, { value, low, high }) => [value / divisor, low / divisor, high / divisor],
  };
}

const timeDivisor = (entries: readonly Measurement[]): number =>
  least(entries.map((entry) => costOf(entry).value)) >= 100 ? 1000 : 1;

/** A colour for what is compared, pale or strong by run. */
function seriesNamer(suite: SuiteRuns, entries: readonly Entry[]): (entry: Entry) => Series {
  const dimensions = seriesDimensions(entries);
  const valueOf = (entry: Entry): string => seriesName(entry, dimensions);
  // What is not of any series comes last, without a colour
  const values = [...new Set(entries.map(valueOf))].toSorted(
    (a, b) => Number(a === "") - Number(b === ""),
  );
  return (entry) => {
    const value = valueOf(entry);
    const run = suite.of[entry.run]?.label ?? "";
    const isAlone = suite.of.length === 1;
    return {
      label: [value, ...(isAlone ? [] : [run])].filter((part) => part !== "").join(", "),
      fill: value === "" && values.length > 1 ? "var(--open)" : hue(values.indexOf(value)),
      opacity: strengthOf(entry.run, suite.of.length),
    };
  };
}

/** Where costs are far apart a common axis would show no spread: each is then taken relative to its own median. */
function distributions(suite: SuiteRuns, entries: readonly Entry[]): Figure[] {
  const isRelative = isFarApart(entries.map((entry) => costOf(entry).value));
  const divisor = timeDivisor(entries);
  const rowOf = rowNamer(firstOfName(entries));
  const seriesOf = seriesNamer(suite, entries);
  const samples = entries.flatMap((entry) => {
    const unit = isRelative ? median(cpuSamples(entry)) : divisor;
    const [row, series] = [rowOf(entry), seriesOf(entry)];
    return cpuSamples(entry).map((value): Sample => ({ row, series, value: value / unit }));
  });
  const axis = isRelative
    ? "CPU time, relative to its own median"
    : `CPU time, ${divisor === 1 ? "µs" : "ms"}`;
  return [
    {
      id: slug(suite.id, "boxes"),
      title: "Quartiles and outliers",
      caption:
        "Box: quartiles and median. Whiskers: the farthest sample within 1.5 times the box. Dots: every sample beyond.",
      chart: boxes(samples, axis),
    },
    {
      id: slug(suite.id, "ecdf"),
      title: "Every sample",
      caption:
        "Empirical distribution: which part of the samples took no longer. The steeper, the steadier.",
      chart: ecdf(samples, axis),
    },
  ];
}

function outlierText(entry: Measurement): string {
  const samples = cpuSamples(entry);
  return `${summaryOf(samples).outliers} of ${samples.length}`;
}

/** Percentiles of single operations, where they were measured so. */
function tailBlocks(suite: SuiteRuns, entries: readonly Entry[]): Block[] {
  const told = entries.filter((entry) => tailsOf(entry, cpuSamples(entry)).has(95));
  if (told.length === 0) return [];
  const divisor = timeDivisor(told);
  const unit = divisor === 1 ? "µs" : "ms";
  const text = (value: number | undefined): string =>
    value === undefined ? "–" : significant(value / divisor);
  const columns = suite.of.flatMap(({ label }) =>
    ["CPU", "clock"].flatMap((clock) =>
      percentiles.map((p): Column => ({
        title: `${clock} p${p}, ${unit}`,
        group: label,
        align: "right",
      })),
    ),
  );
  const cells = (entry: Entry | undefined): Cell[] => {
    if (entry === undefined) return columns.slice(0, 2 * percentiles.length).map(() => "–");
    return [cpuSamples(entry), wallSamples(entry)].flatMap((samples) => {
      const tails = tailsOf(entry, samples);
      return percentiles.map((p) => text(tails.get(p)));
    });
  };
  return table({
    title: "Tails of single operations",
    columns: [{ title: "measured" }, ...columns],
    rows: firstOfName(told).map(({ name }) => [
      name,
      ...suite.of.flatMap(({ run }) =>
        cells(told.find((entry) => entry.name === name && entry.run === run)),
      ),
    ]),
  });
}

function costTable(suite: SuiteRuns, entries: readonly Entry[]): Table {
  const divisor = timeDivisor(entries);
  const unit = divisor === 1 ? "µs" : "ms";
  const hasRate = entries.some(({ bytes }) => bytes !== undefined);
  const columns = suite.of.flatMap(({ label }): Column[] => [
    { title: `CPU ${unit}`, group: label, align: "right" },
    { title: "95 % interval", group: label, align: "right" },
    { title: `median, ${unit}`, group: label, align: "right", detail: true },
    { title: `clock, ${unit}`, group: label, align: "right", detail: true },
    { title: "outliers", group: label, align: "right", detail: true },
    ...(hasRate ? [{ title: "MB per CPU s", group: label, align: "right" } as const] : []),
  ]);
  const cells = (entry: Entry | undefined): Cell[] => {
    if (entry === undefined) return ["–", "", "", "", "", ...(hasRate ? [""] : [])];
    const { value, low, high } = costOf(entry);
    const time = (microseconds: number): string => significant(microseconds / divisor);
    return [
      `${time(value)}${isSettled(entry) ? "" : " †"}`,
      interval(low, high, time),
      time(median(cpuSamples(entry))),
      time(median(wallSamples(entry))),
      outlierText(entry),
      ...(hasRate ? [entry.bytes === undefined ? "" : significant(entry.bytes / value)] : []),
    ];
  };
  const names = [...new Set(entries.map(({ name }) => name))];
  return {
    title: "Cost of one operation",
    columns: [{ title: "measured" }, ...columns],
    rows: names.map((name) => [
      name,
      ...suite.of.flatMap(({ run }) =>
        cells(entries.find((entry) => entry.name === name && entry.run === run)),
      ),
    ]),
  };
}
