/** Which measurements of a suite belong into one chart, and by which names. */
import type { Dimensions } from "../results.ts";
import { joined } from "../../src/report/numbers.ts";

interface Measured {
  readonly name: string;
  readonly dimensions: Dimensions;
}

export interface Panel<T> {
  /** What it shows of the suite; empty: all of it. */
  readonly title: string;
  readonly entries: readonly T[];
}

/** What is compared within a row: stacks, providers, or, where not all stacks have one, both. */
export function seriesDimensions(entries: readonly Measured[]): readonly string[] {
  if (!varies(entries, "stack")) return varies(entries, "provider") ? ["provider"] : [];
  return entries.every(({ dimensions }) => "provider" in dimensions)
    ? ["stack"]
    : ["stack", "provider"];
}

/** Follows from others: no reason for a row of its own. */
const derived = "backend";

/**
 * Mostly one thing at a time differs from the common case: then there is a panel for each such
 * dimension, and the common case is in all of them. What differs in two at once has a panel for both.
 * Where all is combined with all there is one panel, or, if it would be long, one for each value of a
 * dimension.
 */
export function panelsOf<T extends Measured>(entries: readonly T[]): Panel<T>[] {
  const axes = dimensionsOf(entries).filter(
    (name) => !["stack", "provider", derived].includes(name) && varies(entries, name),
  );
  const common = Object.fromEntries(axes.map((name) => [name, mostCommon(entries, name)]));
  const differing = (entry: T): string[] =>
    axes.filter((name) => entry.dimensions[name] !== common[name]);
  const sets = uniqueSets(entries.map(differing).filter(({ length }) => length > 1));
  if (axes.length < 2 || sets.length > 3 || sets.some(({ length }) => length > 2)) {
    return parted(axes.length === 1 ? `By ${axes[0]}` : "", entries);
  }
  const panels = [
    ...axes.map((axis) => ({
      by: [axis],
      entries: entries.filter((one) => only(differing(one), [axis])),
    })),
    ...sets.map((by) => {
      const both = entries.filter((one) => differing(one).length > 1 && only(differing(one), by));
      const isNear = (one: T): boolean =>
        by.every(
          (name) =>
            one.dimensions[name] === common[name] ||
            both.some(({ dimensions }) => dimensions[name] === one.dimensions[name]),
        );
      return { by, entries: entries.filter((one) => only(differing(one), by) && isNear(one)) };
    }),
  ];
  return panels
    .filter(
      (panel) =>
        !panels.some(
          (other) =>
            other.entries.length > panel.entries.length && only(panel.entries, other.entries),
        ),
    )
    .flatMap(({ by, entries: own }) => parted(`By ${joined(by)}`, own));
}

const only = <T>(items: readonly T[], of: readonly T[]): boolean =>
  items.every((item) => of.includes(item));

const uniqueSets = (sets: readonly (readonly string[])[]): (readonly string[])[] => [
  ...new Map(sets.map((set) => [set.join("\0"), set])).values(),
];

const longestPanel = 12;
/** What parts a long panel: first what makes the greatest difference in cost. */
const parting = ["operation", "size", "way", "mode", "role"];

function parted<T extends Measured>(title: string, entries: readonly T[]): Panel<T>[] {
  const rowOf = rowNamer(entries);
  const dimension = parting.find(
    (name) => varies(entries, name) && entries.every(({ dimensions }) => name in dimensions),
  );
  if (dimension === undefined || new Set(entries.map(rowOf)).size <= longestPanel) {
    return [{ title: capitalized(title), entries }];
  }
  return [...valuesOf(entries, dimension)].flatMap((value) =>
    parted(
      [title, ...shown(dimension, value)].filter((part) => part !== "").join(", "),
      entries.filter(({ dimensions }) => dimensions[dimension] === value),
    ),
  );
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Names an entry by what differs among them, without what makes the series. */
export function rowNamer(entries: readonly Measured[]): (entry: Measured) => string {
  const series = seriesDimensions(entries);
  const names = dimensionsOf(entries).filter(
    (name) => name !== derived && !series.includes(name) && varies(entries, name),
  );
  const nameOf = ({ dimensions, name }: Measured): string => {
    const parts = names.flatMap((part) => shown(part, dimensions[part]));
    return parts.length === 0 ? name : parts.join(" · ");
  };
  const firsts = new Map<string, Measured>();
  const keyOf = (entry: Measured): string => `${nameOf(entry)}\0${seriesName(entry, series)}`;
  for (const entry of entries) if (!firsts.has(keyOf(entry))) firsts.set(keyOf(entry), entry);
  return (entry) => {
    const own = entry.name.split(", ");
    const others = firsts.get(keyOf(entry))?.name.split(", ") ?? own;
    // What no dimension tells apart is told by its name
    return [nameOf(entry), ...own.filter((part) => !others.includes(part))].join(" · ");
  };
}

export const seriesName = ({ dimensions }: Measured, series: readonly string[]): string =>
  series.flatMap((name) => dimensions[name] ?? []).join(", ");

function shown(dimension: string, value: string | undefined): string[] {
  if (value === undefined) return [];
  if (dimension === "size") return [`${value} B`];
  if (dimension === "role" && value === "both") return ["both ends"];
  return [dimension === "way" ? value.replace("tcp", "TCP") : value];
}

export const dimensionsOf = (entries: readonly Measured[]): string[] => [
  ...new Set(entries.flatMap(({ dimensions }) => Object.keys(dimensions))),
];

const varies = (entries: readonly Measured[], name: string): boolean =>
  [...valuesOf(entries, name)].filter((value) => value !== undefined).length > 1;

const valuesOf = (entries: readonly Measured[], name: string): Set<string | undefined> =>
  new Set(entries.map(({ dimensions }) => dimensions[name]));

function mostCommon(entries: readonly Measured[], name: string): string | undefined {
  const counts = new Map<string | undefined, number>();
  for (const { dimensions } of entries) {
    counts.set(dimensions[name], (counts.get(dimensions[name]) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

/** One end's part of what was measured as a whole too, and so was the other end's. */
export function isShare(entry: Measured, entries: readonly Measured[]): boolean {
  const has = (role: string): boolean => {
    const key = keyWith(entry, role);
    return entries.some(
      (other) => other.dimensions["role"] === role && keyWith(other, role) === key,
    );
  };
  return entry.dimensions["role"] !== "both" && ["both", "client", "server"].every(has);
}

const keyWith = ({ dimensions }: Measured, role: string): string =>
  JSON.stringify(Object.entries({ ...dimensions, role }).toSorted());
