// @ts-check
/** `docs/proof.md`, from what is kept: which check noticed which fault. */
import { checkNames } from "./check-names.mjs";
import { few, fingerprint } from "./results.mjs";

const intro = `# Which check notices which fault

A check that was never seen to fail proves nothing. So faults are put into the engine, one at a time, and
every check is asked whether it notices. \`npm run mutants -- --docs\` makes this page of what
\`npm run mutants -- --record\` has kept; nobody edits it by hand.

- A **fault** is a named change of one place: \`test/mutants/faults/\`. What it replaces must stand exactly once in
  its file, so that code that moves cannot disarm it without a word.
- **Tests**: the test files that the fault names; the first test that fails is named.
- Faults are shown to the checks that call the function in which they are, as V8's coverage tells; the others would run
  as they do without it.
- **Catalogue**: the first scenario of \`kemistry attack\` that does not come out as predicted. If there is none, the first
  ends of a scenario that do not come to the same with a right end and nobody between: two ends with the same mistake
  understand each other. Of a fault that names scenarios, these must all fail.
- **Search**: a mutated handshake that comes to something else where one of the ends is right and the other has the fault:
  of 2500 with a malicious peer and 1000 with an adversary on the path, those of one kind after the other. If there is none,
  the first problem in 1000 and 300 of ends that both have it. The seed is \`kemistry-1\`.
- **Vectors**: of each kind of file in \`vectors/\` one, on the native provider.
- **Model**: a property that does not hold in two steps of \`kemistry model\`.
- ✓ noticed, · not noticed, empty: not run with this fault as it stands. A fault with which a check does not even
  load or run is not noticed by it.
- **Peer** marks faults that another end of the connection, or somebody between them, could see; the others are about
  memory, limits of our own and what is told to the caller.
`;

/**
 * @param {readonly import("./list.mjs").Mutant[]} mutants
 * @param {import("./results.mjs").Results} results
 * @param {import("./results.mjs").Scores} scores
 * @param {readonly string[]} scenarios all that there are
 */
export function renderProof(mutants, results, scores, scenarios) {
  const outcomes = mutants.map((mutant) => ({ mutant, by: outcomesOf(mutant, results) }));
  const families = [...new Set(mutants.map(({ family }) => family))];
  return [
    intro,
    "## In numbers\n",
    "Noticed, of those that were run.\n",
    table(
      ["family", "faults", ...checkNames],
      [
        ...families.map((family) => [
          family,
          ...counts(outcomes.filter(({ mutant }) => mutant.family === family)),
        ]),
        ["**all**", ...counts(outcomes)],
        [
          "**that a peer could see**",
          ...counts(outcomes.filter(({ mutant }) => mutant.observable === "peer")),
        ],
      ],
    ),
    "## Faults that no test notices\n",
    table(
      ["fault", "why"],
      mutants.flatMap(({ name, lives }) => (lives === undefined ? [] : [[name, lives]])),
    ),
    ...(Object.keys(scores).length === 0 ? [] : [generalMutator(scores)]),
    "## Scenarios, and a fault that fails each\n",
    scenarioTables(mutants, results, scenarios),
    "## Fault by fault\n",
    ...families.map(
      (family) =>
        `### ${family}\n\n${table(
          ["fault", "in", "peer", ...checkNames],
          outcomes
            .filter(({ mutant }) => mutant.family === family)
            .map(({ mutant, by }) => [
              mutant.name,
              `\`${mutant.file.slice("src/".length)}\``,
              mutant.observable === "peer" ? "✓" : "",
              ...by.map(cell),
            ]),
        )}`,
    ),
  ].join("\n");
}

/**
 * @param {readonly import("./list.mjs").Mutant[]} mutants
 * @param {import("./results.mjs").Results} results
 * @param {readonly string[]} scenarios
 */
function scenarioTables(mutants, results, scenarios) {
  /** @type {Map<string, string[]>} */
  const faults = new Map();
  for (const mutant of mutants) {
    const entry = results[mutant.name]?.catalogue;
    const seen = entry?.of === fingerprint(mutant) ? (entry.scenarios ?? []) : [];
    for (const scenario of seen) {
      faults.set(scenario, [...(faults.get(scenario) ?? []), mutant.name]);
    }
  }
  const sorted = scenarios.toSorted();
  const rows = sorted.flatMap((name) => {
    const names = faults.get(name);
    return names === undefined ? [] : [[name, names.join(", ")]];
  });
  const unfailed = sorted.filter((name) => !faults.has(name));
  return [
    `${rows.length} of ${sorted.length} scenarios have been seen to fail; a fault that fails more than ${few} of them is counted for those that it names.\n`,
    table(["scenario", "faults"], rows),
    ...(unfailed.length === 0
      ? []
      : ["## Scenarios that no fault fails yet\n", `${unfailed.join(", ")}.\n`]),
  ].join("\n");
}

/** @typedef {{ outcome: string, by?: string } | undefined} Outcome */

/**
 * In the order of the checks.
 *
 * @param {import("./list.mjs").Mutant} mutant
 * @param {import("./results.mjs").Results} results
 * @returns {Outcome[]}
 */
const outcomesOf = (mutant, results) =>
  checkNames.map((check) => {
    const entry = results[mutant.name]?.[check];
    return entry?.of === fingerprint(mutant) ? entry : undefined;
  });

/** @param {readonly { by: Outcome[] }[]} some */
const counts = (some) => [
  `${some.length}`,
  ...checkNames.map((_, at) => {
    const ran = some.flatMap(({ by }) => by[at] ?? []);
    return ran.length === 0
      ? ""
      : `${ran.filter(({ outcome }) => outcome === "noticed").length} of ${ran.length}`;
  }),
];

/** @param {Outcome} outcome */
function cell(outcome) {
  if (outcome === undefined) return "";
  if (outcome.outcome === "lives") return "·";
  return outcome.outcome === "noticed" ? `✓ ${outcome.by}` : "· does not run";
}

/** @param {import("./results.mjs").Scores} scores */
const generalMutator = (scores) =>
  `## A general mutator\n
Stryker changes every operator, condition and block of a file (texts and object literals aside), and runs the tests of
its folder: \`node test/mutants/stryker.mjs --record FILE…\`. It was run over these files; what lived was read where its row says so, and is
killed since or explained.\n
${table(
  ["file", "changes", "noticed", "lived", "score", "why the rest lives"],
  Object.entries(scores).map(([file, { changes, noticed, why = "" }]) => [
    `\`${file}\``,
    `${changes}`,
    `${noticed}`,
    `${changes - noticed}`,
    `${((100 * noticed) / changes).toFixed(1)} %`,
    why,
  ]),
)}`;

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows]
    .map(
      (row) =>
        `| ${row.map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`,
    )
    .join("\n") + "\n";
