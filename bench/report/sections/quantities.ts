/** What is counted or weighed. */
import type { Figure } from "../../results.ts";
import { bars } from "../../../src/report/charts/bars.ts";
import { hue, type Series, strengthOf } from "../../../src/report/charts/frame.ts";
import type { Block, Cell, Column } from "../../../src/report/document.ts";
import { table } from "../../../src/report/document.ts";
import { exact, significant } from "../../../src/report/numbers.ts";
import { verdictOf } from "../verdict.ts";
import { textOfGoal } from "./ratios.ts";
import { isSize } from "./sizes.ts";
import { fullestFirst, slug, type SuiteRuns } from "./suite-runs.ts";

interface Entry extends Figure {
  readonly run: number;
  readonly label: string;
}

const entriesOf = (suites: readonly SuiteRuns[]): Entry[] =>
  suites.flatMap(({ of }) =>
    fullestFirst(of, ({ figures }) => figures.length).flatMap(({ label, run, result }) =>
      (result?.figures ?? []).map((figure) => ({ ...figure, run, label })),
    ),
  );

/** A chart for each unit, and a table. */
export function quantityBlocks(suite: SuiteRuns): Block[] {
  const entries = entriesOf([suite]).filter((entry) => !isSize(suite, entry));
  // A bare count has no unit that others share
  const units = [...new Set(entries.map(({ unit }) => unit))].filter((unit) => unit !== "");
  return [
    ...units.flatMap((unit): Block[] => {
      const own = entries.filter((entry) => entry.unit === unit);
      if (new Set(own.map(({ name }) => name)).size < 2) return [];
      const figure = {
        id: slug(suite.id, unit),
        title: `Values in ${unit}`,
        caption: "Counted or weighed once: such values have no interval.",
        chart: bars(
          own.map((entry) => ({
            row: entry.name,
            series: seriesOf(suite, entry),
            value: entry.value,
          })),
          unit,
        ),
      };
      return [{ kind: "figure", figure }];
    }),
    ...quantityTable([suite], (figure) => !isSize(suite, figure)),
  ];
}

const seriesOf = ({ of }: SuiteRuns, { run, label }: Entry): Series => ({
  label,
  fill: hue(0),
  opacity: strengthOf(run, of.length),
});

/** The values by run; those that `isWanted`. */
export function quantityTable(
  suites: readonly SuiteRuns[],
  isWanted: (figure: Figure) => boolean = () => true,
): Block[] {
  const entries = entriesOf(suites).filter(isWanted);
  const labels = suites[0]?.of.map(({ label }) => label) ?? [];
  const hasGoal = entries.some(({ goal }) => goal !== undefined);
  const columns = labels.flatMap((group): Column[] => [
    { title: "value", group, align: "right" },
    ...(hasGoal ? [{ title: "verdict", group }] : []),
  ]);
  const cells = (entry: Entry | undefined): Cell[] => {
    if (entry === undefined) return ["–", ...(hasGoal ? [""] : [])];
    const { value, goal } = entry;
    return [
      Number.isInteger(value) ? exact(value) : significant(value),
      ...(hasGoal ? [goal === undefined ? "" : verdictOf(goal, value)] : []),
    ];
  };
  const keys = new Map(entries.map((entry) => [`${entry.name}\0${entry.unit}`, entry]));
  return table({
    title: "Quantities",
    columns: [
      { title: "quantity" },
      { title: "unit" },
      ...(hasGoal ? [{ title: "goal", align: "right" } as const] : []),
      ...columns,
    ],
    rows: [...keys.values()].map(({ name, unit, goal }) => [
      name,
      unit,
      ...(hasGoal ? [textOfGoal(goal)] : []),
      ...labels.flatMap((label) =>
        cells(
          entries.find(
            (entry) => entry.name === name && entry.unit === unit && entry.label === label,
          ),
        ),
      ),
    ]),
  });
}
