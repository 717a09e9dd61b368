import { ecdf } from "../../../../report/charts/ecdf.ts";
import { type Section } from "../../../../report/document.ts";
import { type CellRow } from "../../run.ts";
import { isSound, type Sorted } from "../figures.ts";
import { figure, isNumber, moreThan, most, repetitionsOf } from "../common.ts";

/** How many handshakes took at most how long; only where draws decide. */
export function ecdfSection(sorted: Sorted): Section[] {
  const random = sorted.rows.filter((row) => isSound(row) && row.ms.length > 20);
  const conditions = [...new Set(random.map((row) => sorted.conditionOf(row)))];
  // Conditions that show most: spread over all there are
  const step = Math.max(1, Math.floor(conditions.length / most.figures));
  const chosen = conditions.filter((_, at) => at % step === step - 1).slice(0, most.figures);
  const samples = random
    .filter((row) => chosen.includes(sorted.conditionOf(row)))
    .flatMap((row) =>
      thinned(row.ms).map((value) => ({
        row: sorted.conditionOf(row) || "all",
        series: sorted.seriesOf(row),
        value,
      })),
    );
  if (samples.length === 0) return [];
  return [
    {
      id: "ecdf",
      title: "Distributions",
      blocks: [
        figure(
          "ecdf",
          "Part of the handshakes that took at most so long",
          `Milliseconds. ${repetitionsOf(random)} a line, drawn at ${steps} of them.`,
          ecdf(samples, "ms"),
        ),
        ...moreThan(conditions.length, chosen.length, "conditions"),
      ],
    },
  ];
}

const steps = 120;

function thinned(ms: CellRow["ms"]): number[] {
  const sorted = ms.filter(isNumber).toSorted((a, b) => a - b);
  return Array.from(
    { length: Math.min(steps, sorted.length) },
    (_, at) => sorted[Math.floor(((at + 0.5) * sorted.length) / Math.min(steps, sorted.length))]!,
  );
}
