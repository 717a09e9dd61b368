/** Studies as a page of Markdown. */
import { type Claim, errorOf, type Figure, type Study } from "./figure.ts";

/** Groups of more figures than this are summed up; single ones are shown only where they differ. */
const longest = 60;

/** docs/validation.md: what is claimed of each study, every figure of the small ones, and what differs. */
export function renderValidation(studies: readonly Study[]): string {
  return [
    "# Validation",
    "",
    "Published figures of post-quantum TLS, and those of a real kernel, and what the model makes of the same experiments. Made by",
    "`kemistry lab validate --md docs/validation.md`; with `--json` it gives every figure. Nothing is fitted: what was taken",
    "from a publication to make ours stands under *inputs*.",
    "",
    "A figure is *exact* (it follows from bytes and round trips), *envelope* (it must lie within a limit, or inside the",
    "interval of our sample) or *shape* (it is shown, and nothing is claimed).",
    "",
    "| study | claim | needed | reached | figures |",
    "|---|---|---|---|---|",
    ...studies.flatMap(({ claims }) => claims.map(claimRow)),
    ...studies.flatMap(renderStudy),
    "",
  ].join("\n");
}

const claimRow = ({ study, name, needed, reached, count }: Claim): string =>
  `| ${study} | ${name} | ${percent(needed)} | ${percent(reached)}${reached < needed ? ", **not reached**" : ""} | ${count} |`;

const percent = (share: number): string => `${(100 * share).toFixed(1).replace(".0", "")} %`;

function renderStudy(study: Study): string[] {
  const groups = [...new Set(study.figures.map(({ group }) => group))];
  return [
    "",
    `## ${study.title} (${study.name})`,
    "",
    `${study.source}.`,
    "",
    "Inputs:",
    "",
    ...study.inputs.map((input) => `- ${input}`),
    ...groups.flatMap((group) =>
      renderGroup(
        group,
        study.figures.filter((figure) => figure.group === group),
        study.reference,
      ),
    ),
  ];
}

function renderGroup(
  group: string,
  figures: readonly Figure[],
  reference: string = "published",
): string[] {
  const isLong = figures.length > longest;
  const shown = isLong ? figures.filter(({ verdict }) => verdict === "differs") : figures;
  const head = ["", `### ${group}`, "", ...(isLong ? summary(figures) : [])];
  const notes = [...new Set(figures.flatMap(({ note }) => note ?? []))].flatMap((note) => [
    "",
    `Note: ${note}.`.replace("..", "."),
  ]);
  if (shown.length === 0) return [...head, ...notes];
  return [
    ...head,
    `| figure | ${reference} | ours | error | class | verdict |`,
    "|---|---|---|---|---|---|",
    ...shown.map(figureRow),
    ...notes,
  ];
}

function summary(figures: readonly Figure[]): string[] {
  const count = (verdict: Figure["verdict"]): number =>
    figures.filter((figure) => figure.verdict === verdict).length;
  const errors = figures.map((figure) => Math.abs(errorOf(figure))).toSorted((a, b) => a - b);
  const within = errors.filter((error) => error <= 0.05).length;
  const [equal, inside, differ] = [count("equal"), count("within interval"), count("differs")];
  const claimed =
    equal + inside + differ > 0
      ? `${equal} equal, ${inside} within the interval, ${differ} differ (those below)`
      : "nothing is claimed";
  return [
    `${figures.length} figures: ${claimed}; ${within} within 5 %; median error ${percent(errors[errors.length >> 1]!)}.`,
    "",
  ];
}

const figureRow = (figure: Figure): string =>
  `| ${figure.name} | ${amount(figure.published, figure.unit)} | ${amount(figure.ours, figure.unit)} | ${signed(errorOf(figure))} | ${figure.class} | ${figure.verdict} |`;

const amount = (value: number, unit: Figure["unit"]): string =>
  unit === "ms" ? `${Number(value.toFixed(2))} ms` : `${value} ${unit}`;

const signed = (error: number): string =>
  error === 0 ? "0" : `${error > 0 ? "+" : ""}${(100 * error).toFixed(1)} %`;
