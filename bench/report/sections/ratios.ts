/** Comparisons with their intervals, goals and verdicts. */
import type { Goal, Ratio } from "../../results.ts";
import { forest } from "../../../src/report/charts/forest.ts";
import type { Block, Cell, Column } from "../../../src/report/document.ts";
import { table } from "../../../src/report/document.ts";
import { interval, probability, times } from "../../../src/report/numbers.ts";
import { goalText, toneOf, verdictOf } from "../verdict.ts";
import { fullestFirst, type SuiteRuns } from "./suite-runs.ts";

interface Entry extends Ratio {
  readonly run: number;
  readonly label: string;
}

const ratiosOf = (suites: readonly SuiteRuns[]): Entry[] =>
  suites.flatMap(({ of }) =>
    fullestFirst(of, ({ ratios }) => ratios.length).flatMap(({ label, run, result }) =>
      (result?.ratios ?? []).map((ratio) => ({ ...ratio, run, label })),
    ),
  );

/** A chart and a table of the comparisons that `isWanted`. */
export function ratioBlocks(
  suites: readonly SuiteRuns[],
  id: string,
  title: string,
  isWanted: (ratio: Ratio) => boolean = () => true,
): Block[] {
  const entries = ratiosOf(suites).filter(isWanted);
  if (entries.length === 0) return [];
  const labels = suites[0]?.of.map(({ label }) => label) ?? [];
  return [
    {
      kind: "figure",
      figure: {
        id,
        title,
        caption: [
          "How many times the first costs the second in CPU time, on a logarithmic axis, with its 95 % interval.",
          ...(entries.some(({ goal }) => goal !== undefined)
            ? ["The upright mark is the goal, and its good side is shaded."]
            : []),
          ...(labels.length > 1 ? [`In each row from above: ${labels.join(", ")}.`] : []),
        ].join(" "),
        chart: forest(
          entries.map(({ name, label, value, low, high, goal }) => ({
            row: name,
            band: label,
            value,
            low,
            high,
            ...(goal === undefined ? {} : { goal, tone: toneOf(goal, low, high) }),
          })),
          "ratio of CPU times",
          labels,
        ),
      },
    },
    ...ratioTable(entries, labels, "Ratios of CPU time"),
  ];
}

function ratioTable(entries: readonly Entry[], labels: readonly string[], title: string): Block[] {
  const hasGoal = entries.some(({ goal }) => goal !== undefined);
  const columns = labels.flatMap((group): Column[] => [
    { title: "ratio", group, align: "right" },
    { title: "95 % interval", group, align: "right" },
    { title: "p (Holm)", group, align: "right", detail: true },
    ...(hasGoal ? [{ title: "verdict", group }] : []),
  ]);
  const cells = (entry: Entry | undefined): Cell[] => {
    if (entry === undefined) return ["–", "", "", ...(hasGoal ? [""] : [])];
    const { value, low, high, pAdjusted, goal, settled } = entry;
    return [
      `${times(value)}${settled ? "" : " †"}`,
      interval(low, high, times),
      probability(pAdjusted),
      ...(hasGoal ? [goal === undefined ? "" : verdictOf(goal, value, low, high)] : []),
    ];
  };
  const names = [...new Set(entries.map(({ name }) => name))];
  return table({
    title,
    columns: [
      { title: "comparison" },
      ...(hasGoal ? [{ title: "goal", align: "right" } as const] : []),
      ...columns,
    ],
    rows: names.map((name) => {
      const own = entries.filter((entry) => entry.name === name);
      const goal = own.find((entry) => entry.goal !== undefined)?.goal;
      return [
        name,
        ...(hasGoal ? [textOfGoal(goal)] : []),
        ...labels.flatMap((label) => cells(own.find((entry) => entry.label === label))),
      ];
    }),
  });
}

export const textOfGoal = (goal: Goal | undefined): string =>
  goal === undefined ? "" : goalText(goal);

/** Where the noise hides the difference that was asked for, in the tool's words. */
export function noiseNotes(
  suites: readonly SuiteRuns[],
  isWanted: (ratio: Ratio) => boolean,
): string[] {
  const noisy = ratiosOf(suites).filter((ratio) => ratio.noise !== undefined && isWanted(ratio));
  return [...new Set(noisy.map(({ noise }) => noise ?? ""))].map((noise) => {
    const names = noisy.filter((ratio) => ratio.noise === noise);
    return `${names.map(({ name, label }) => `${name} (${label})`).join("; ")}: ${noise}`;
  });
}

export const hasGoal = ({ goal }: { readonly goal?: Goal }): boolean => goal !== undefined;
