/** What the report says of a cell: quantiles with intervals, names of series and of conditions. */
import { quantileRanks } from "../../../statistics/index.ts";
import { hue, type Series } from "../../../report/charts/frame.ts";
import { type FactorName, factorNames, type FactorValues } from "../factors.ts";
import { plural } from "../../../report/numbers.ts";
import type { CellRow } from "../run.ts";
import type { Load } from "../under-load.ts";

export interface Quantile {
  /** In ms. */
  readonly value: number;
  /** 95 %, by order statistics; the value itself where nothing is left to chance. */
  readonly low: number;
  /** Where its interval ends, in ms. */
  readonly high: number;
}

/**
 * Of handshakes in ms; one that failed took for ever. `undefined` where there are too few to say: fewer than five
 * beyond the quantile.
 */
export function quantileOf(ms: CellRow["ms"], percent: number): Quantile | undefined {
  const sorted = ms.map((time) => time ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b);
  const count = sorted.length;
  const share = percent / 100;
  if (count === 0) return undefined;
  if (count === 1) return { value: sorted[0]!, low: sorted[0]!, high: sorted[0]! };
  if (count * Math.min(share, 1 - share) < 5) return undefined;
  const [low, high] = quantileRanks(count, share);
  return {
    value: sorted[Math.ceil(count * share) - 1]!,
    low: sorted[Math.max(0, low)]!,
    high: sorted[Math.min(count - 1, high)]!,
  };
}

/** Factors of the network, and how much is on it; all others are the handshake's, or of what counts. */
const conditionFactors: ReadonlySet<FactorName> = new Set<FactorName>([
  "transport",
  "link",
  "rtt",
  "loss",
  "jitter",
  "rate",
  "queue",
  "initialWindow",
  "mss",
  "unit",
  "acks",
  "kernel",
  "load",
]);

/** Cells and what tells them apart. */
export interface Sorted {
  /** All of them. */
  readonly rows: readonly CellRow[];
  /** Factors that have more than one value. */
  readonly varied: readonly FactorName[];
  /** Those of them that are the handshake's, or say what counts. */
  readonly compared: readonly FactorName[];
  /** What is compared: by the factors of the handshake that vary. */
  seriesOf(row: CellRow): Series;
  /** Under what it is compared: by the factors of the network that vary, but for these. */
  conditionOf(row: CellRow, without?: readonly FactorName[]): string;
}

export function sortRows(rows: readonly CellRow[]): Sorted {
  const varied = factorNames.filter(
    (name) => new Set(rows.map(({ values }) => JSON.stringify(values[name]))).size > 1,
  );
  const compared = varied.filter((name) => !conditionFactors.has(name));
  const names = [...new Set(rows.map((row) => labelOf(row, compared)))];
  const series = new Map(
    names.map((label, at) => [
      label,
      { label: label || "all", fill: hue(at), opacity: at < 8 ? 1 : 0.5 },
    ]),
  );
  return {
    rows,
    varied,
    compared,
    seriesOf: (row) => series.get(labelOf(row, compared))!,
    conditionOf: (row, without = []) =>
      labelOf(
        row,
        varied.filter((name) => conditionFactors.has(name) && !without.includes(name)),
      ),
  };
}

/** What a cell is, by these of its factors. */
export const labelOf = ({ values }: CellRow, names: readonly FactorName[]): string =>
  names.flatMap((name) => valueLabel(name, values)).join(" · ");

/** A value for people; what a reader takes for granted is left out. */
export function valueLabel(name: FactorName, values: FactorValues): string[] {
  const value: unknown = values[name];
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others are as they are
  switch (name) {
    case "rtt":
      return [`RTT ${String(value)} ms`];
    case "loss":
      return [typeof value === "number" ? `loss ${percent(value)}` : `loss ${plain(value)}`];
    case "rate":
      return [value === "unlimited" ? "unlimited rate" : `${plain(value)} Mbit/s`];
    case "jitter":
      return [`jitter ${plain(value)} ms`];
    case "payload":
    case "request":
    case "earlyData":
      return [`${name === "earlyData" ? "early data" : name} ${String(value)} B`];
    case "load":
      return values.load === "none" ? [] : [rateOf(values.load), coresOf(values.load)];
    case "link":
      return value === "none" ? [] : [String(value)];
    case "mutual":
    case "resumed":
      return value === true ? [name] : [];
    case "initialWindow":
      return [`window ${plain(value)}`];
    case "group":
    case "signature":
    case "kernel":
    case "transport":
    case "suite":
      return [String(value)];
    default:
      return [`${name} ${plain(value)}`];
  }
}

/** As {@link valueLabel}, below a factor's name. */
export const cellLabel = (name: FactorName, values: FactorValues): string =>
  valueLabel(name, values).join("").replace(`${name} `, "") || plain(values[name]);

const rateOf = (load: Load): string =>
  "parallel" in load ? `${load.parallel} clients at once` : `${load.perSecond} a second`;

/** What handshakes wait for. */
export const coresOf = ({ cores, of = "server", path = "own" }: Load): string =>
  [
    `${plural(cores, "core")} of ${of === "both" ? "both ends" : "the server"}`,
    ...(path === "shared" ? ["one path"] : []),
  ].join(", ");

export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

/** Objects as their members. */
export const plain = (value: unknown): string =>
  typeof value === "object" && value !== null
    ? Object.entries(value)
        .map(([key, one]) => `${key} ${plain(one)}`)
        .join(", ")
    : String(value);

/** Nothing was broken, and there are figures. */
export const isSound = ({ error, broken, ms }: CellRow): boolean =>
  error === undefined && broken.length === 0 && ms.length > 0;
