import type { Results } from "../results.ts";

/** Results beside others. */
export interface Run {
  /** Short, and unlike those of the others. */
  readonly label: string;
  readonly results: Results;
}

export interface NamedResults {
  /** Of the file. */
  readonly name: string;
  readonly results: Results;
}

/** Names each by what tells it from the others: Node's version, else when it was, else its file. Older Nodes first. */
export function labelled(files: readonly NamedResults[]): Run[] {
  const sorted = files.toSorted(
    (a, b) =>
      a.results.environment.node.localeCompare(b.results.environment.node, "en", {
        numeric: true,
      }) || a.results.environment.date.localeCompare(b.results.environment.date),
  );
  const candidates: readonly ((file: NamedResults) => string)[] = [
    ({ results }) => `Node ${results.environment.node.split(".")[0]}`,
    ({ results }) => `Node ${results.environment.node}`,
    ({ results }) => results.environment.date.slice(0, 10),
    ({ name }) => name.replace(/^.*[/\\]/, ""),
    ({ name }) => name,
  ];
  const tells = (label: (file: NamedResults) => string): boolean =>
    new Set(sorted.map(label)).size === sorted.length;
  const label = candidates.find(tells) ?? (({ name }) => name);
  return sorted.map((file, at) => ({
    label: tells(label) ? label(file) : `${label(file)} (${at + 1})`,
    results: file.results,
  }));
}
