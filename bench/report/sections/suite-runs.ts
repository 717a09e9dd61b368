import type { SuiteResult } from "../../results.ts";
import type { Run } from "../runs.ts";

/** One suite, as each of the runs found it. */
export interface SuiteRuns {
  /** For links and names of files; unlike those of the others. */
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly of: readonly SuiteOfRun[];
}

export interface SuiteOfRun {
  readonly label: string;
  /** Which one, from 0. */
  readonly run: number;
  /** Absent where it was not run. */
  readonly result: SuiteResult | undefined;
}

/** Lower case letters, digits and hyphens. */
export const slug = (...parts: readonly string[]): string =>
  parts
    .map((part) =>
      part
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, ""),
    )
    .filter((part) => part !== "")
    .join("-");

/** In the order of the run that has most of them. */
export function suiteRuns(runs: readonly Run[]): SuiteRuns[] {
  const fullest = runs.toSorted((a, b) => b.results.suites.length - a.results.suites.length);
  const names = new Set(fullest.flatMap(({ results }) => results.suites.map(({ name }) => name)));
  return [...names].map((name, at) => {
    const of = runs.map(({ label, results }, run) => ({
      label,
      run,
      result: results.suites.find((suite) => suite.name === name),
    }));
    const id = slug(name) === name ? name : slug(`suite ${at + 1}`, name);
    return { id, name, title: of.flatMap(({ result }) => result?.title ?? [])[0] ?? name, of };
  });
}

/** Where a run has less than others, because something is not there for it, the others' order holds. */
export const fullestFirst = (
  of: readonly SuiteOfRun[],
  count: (result: SuiteResult) => number,
): SuiteOfRun[] =>
  of.toSorted(
    (a, b) =>
      (b.result === undefined ? 0 : count(b.result)) -
        (a.result === undefined ? 0 : count(a.result)) || a.run - b.run,
  );

/** What all runs say is said once, and the rest with the run that says it. */
export function notesOf({ of }: SuiteRuns): string[] {
  const ran = of.flatMap(({ label, result }) => (result === undefined ? [] : [{ label, result }]));
  const all = [...new Set(ran.flatMap(({ result }) => result.notes))];
  return all.map((note) => {
    const saying = ran.filter(({ result }) => result.notes.includes(note));
    return saying.length === ran.length
      ? note
      : `${saying.map(({ label }) => label).join(", ")}: ${note}`;
  });
}
