/** Figures beside those that they are held against. */
import { errorOf, type Figure, type Study } from "../../lab/studies/index.ts";
import { print, table } from "../output.ts";
import { style } from "../style.ts";

export const withErrors = (study: Study): object => ({
  ...study,
  figures: study.figures.map((figure) => ({ ...figure, error: errorOf(figure) })),
});

export function printStudy(study: Study): void {
  print(style("bold", `${study.title} (${study.name})`));
  const claims = study.claims.map(({ name, needed, reached, count }) => [
    name,
    percent(needed),
    style(reached >= needed ? "green" : "red", percent(reached)),
    count,
  ]);
  print(table([{ title: "claim" }, right("needed"), right("reached"), right("figures")], claims));
  const different = study.figures.filter(
    ({ verdict }) => verdict === "differs" || verdict === "cannot be",
  );
  if (different.length > 0) print(`\n${table(columnsOf(study), different.map(figureRow))}`);
  print();
}

const right = (title: string): { title: string; align: "right" } => ({ title, align: "right" });
const columnsOf = ({ reference }: Study) => [
  { title: "figure" },
  right(reference ?? "published"),
  right("ours"),
  right("error"),
  { title: "verdict" },
];

const figureRow = (figure: Figure): (string | number)[] => [
  figure.name,
  Number(figure.published.toFixed(2)),
  Number(figure.ours.toFixed(2)),
  percent(errorOf(figure)),
  figure.verdict,
];

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
