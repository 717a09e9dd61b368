/** How it was measured, and where. */
import type { Block, Column } from "../../../src/report/document.ts";
import { paragraph, table } from "../../../src/report/document.ts";
import { joined, least, most, plural } from "../../../src/report/numbers.ts";
import type { Run } from "../runs.ts";

export function methodBlocks(runs: readonly Run[], goals: boolean): Block[] {
  const seeds = [...new Set(runs.map(({ results }) => String(results.options.seed)))];
  const measured = runs.flatMap(({ results }) =>
    results.suites.flatMap(({ measurements }) => measurements),
  );
  const processes = measured.map((measurement) => measurement.processes.length);
  const samples = measured.flatMap((measurement) =>
    measurement.processes.map(({ cpu }) => cpu.length),
  );
  return [
    paragraph(
      "Time is CPU time: what the whole process used, user and system, all its threads included. It counts work and not waiting. The clock's time is recorded beside it. Each sample is a batch of operations, long enough for the clock, divided by their number.",
    ),
    paragraph(
      "What is compared is measured in turns: each round takes one sample of each candidate, in an order that is shuffled anew. Whatever else the machine does meets all alike, so a ratio holds better than the times that it is made of. Several processes do so, one after the other: samples of one process resemble each other, since code is laid out and compiled anew in each.",
    ),
    paragraph(
      "Before the first sample each candidate runs until successive windows no longer get faster. Where there was no time to see that in some process, the value is marked †, and so is every ratio that it is part of.",
    ),
    paragraph(
      "Disturbances only ever add, so what one process says of a cost is the lower quartile of its samples; medians stand beside it. A process counts as one observation. Intervals are of 95 %, by Student's t on logarithms over processes; a ratio is taken in each process. Its p comes from the paired t test, two-sided, after Holm's correction; the family is all comparisons of its suite. Samples beyond 1.5 times the distance of the quartiles are counted as outliers; none is left out.",
    ),
    ...(goals
      ? [
          paragraph(
            "A goal is reached if the whole interval is on its good side, and missed if none of it is. Where the interval spans the goal, the verdict is that of the value, within noise.",
          ),
        ]
      : []),
    paragraph(
      `Here: ${samples.length === 0 ? "no samples" : `${least(processes)} to ${most(processes)} processes, ${least(samples)} to ${most(samples)} samples of each candidate in each`}, ${seeds.length === 1 ? "seed" : "seeds"} ${joined(seeds)}.`,
    ),
  ];
}

export function environmentBlocks(runs: readonly Run[]): Block[] {
  const facts: readonly (readonly [string, (run: Run) => string])[] = [
    ["kemistry", ({ results: { environment } }) => environment.version],
    ["commit", ({ results: { environment } }) => environment.commit ?? "not known"],
    [
      "begun",
      ({ results: { environment } }) =>
        environment.date.replace(/:\d\d\.\d+Z$/, " UTC").replace("T", " "),
    ],
    ["processor", ({ results: { environment } }) => environment.cpu],
    ["cores", ({ results: { environment } }) => String(environment.cores)],
    ["memory", ({ results: { environment } }) => environment.memory],
    ["system", ({ results: { environment } }) => environment.platform],
    ["Node", ({ results: { environment } }) => environment.node],
    ["OpenSSL", ({ results: { environment } }) => environment.openssl],
    ["V8", ({ results: { environment } }) => environment.v8],
    ["clock", ({ results: { environment } }) => clockText(environment)],
    ["load at the start", ({ results: { environment } }) => environment.load.toFixed(2)],
    ["profile", ({ results: { options } }) => options.profile],
    [
      "only",
      ({ results: { options } }) =>
        [
          options.filter ?? "",
          ...(options.groups ?? []),
          ...(options.signatures ?? []),
          ...(options.cipherSuites ?? []),
          ...(options.modes ?? []),
        ]
          .filter(Boolean)
          .join(", "),
    ],
    [
      "took",
      ({ results: { suites } }) => duration(suites.reduce((sum, { seconds }) => sum + seconds, 0)),
    ],
    ...names(runs, ({ results }) => Object.keys(results.environment.packages)).map(
      (name) => [name, ({ results }: Run) => results.environment.packages[name] ?? "–"] as const,
    ),
  ];
  return [
    ...table({
      title: "Where and when",
      columns: sideBySide(runs),
      rows: facts
        .map(([name, of]) => [name, ...runs.map(of)])
        .filter(([, ...values]) => values.some((value) => value !== "")),
    }),
    ...slotBlocks(runs),
  ];
}

const clockText = ({ governor, megahertz }: Run["results"]["environment"]): string =>
  [
    ...(megahertz === undefined ? [] : [`${megahertz} MHz`]),
    ...(governor === undefined ? [] : [`governor ${governor}`]),
  ].join(", ");

/** Which library does what. */
function slotBlocks(runs: readonly Run[]): Block[] {
  const providers = names(runs, ({ results }) => Object.keys(results.environment.slots));
  const rows = providers.flatMap((provider) => {
    const slotsOf = ({ results }: Run) => results.environment.slots[provider] ?? {};
    return names(runs, (run) => Object.keys(slotsOf(run))).map((slot) => [
      `${provider}, ${slot}`,
      ...runs.map((run) => slotsOf(run)[slot] ?? "–"),
    ]);
  });
  return rows.length === 0
    ? []
    : [
        {
          kind: "more",
          summary: "Which library does what",
          blocks: table({ title: "Back ends", columns: sideBySide(runs), rows }),
        },
      ];
}

const sideBySide = (runs: readonly Run[]): Column[] => [
  { title: "" },
  ...runs.map(({ label }) => ({ title: label })),
];

const names = (runs: readonly Run[], of: (run: Run) => readonly string[]): string[] => [
  ...new Set(runs.flatMap(of)),
];

const duration = (seconds: number): string =>
  seconds < 120
    ? plural(Math.round(seconds), "second")
    : plural(Math.round(seconds / 60), "minute");
