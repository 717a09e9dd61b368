/**
 * A fleet moves to post-quantum under load: key exchange from classical to hybrid where both can, then to hybrid only;
 * keys, certificates and the root from ECDSA to ML-DSA-65, with both trusted in between; then nothing else is taken.
 */
import { policies, type Policy } from "../../src/index.ts";
import type { Document } from "../../src/report/document.ts";
import { lines, type LinePoint } from "../../src/report/charts/lines.ts";
import { hue } from "../../src/report/charts/frame.ts";
import { type Answered, type FleetOptions, type FleetOutcome, runFleet } from "./fleet.ts";

const classical: Policy = { ...policies.compatible, name: "classical", groups: ["x25519"] };
const postQuantum: Policy = {
  ...policies["require-post-quantum"],
  name: "post-quantum only",
  signatures: "post-quantum",
  chains: "post-quantum",
};

/** What was done, and when. */
export interface Step {
  /** Since the load began. */
  readonly second: number;
  readonly what: string;
}

export interface MigrationOutcome extends FleetOutcome {
  readonly steps: readonly Step[];
}

export type MigrationOptions = Omit<FleetOptions, "keysInToken" | "policy" | "maxConnectionAge">;

export async function runMigration(options: MigrationOptions): Promise<MigrationOutcome> {
  const steps: Step[] = [];
  const outcome = await runFleet(
    {
      ...options,
      // SoftHSM2 has no ML-DSA
      keysInToken: false,
      policy: { agents: classical, authority: "prefer-post-quantum" },
      maxConnectionAge: 2000,
    },
    async (fleet, at) => {
      const step = (what: string): void => {
        fleet.say(what);
        steps.push({ second: fleet.seconds, what });
      };
      await at(0.15);
      step("agents prefer a hybrid key exchange");
      fleet.tell({ type: "update", changes: { policy: "prefer-post-quantum" } });
      await at(0.3);
      step("the root is rolled to ML-DSA-65, and agents make such keys from now on");
      await fleet.rollRoot("ML-DSA-65");
      fleet.tell({ type: "update", changes: { algorithm: "ML-DSA-65" } });
      await at(0.7);
      step("the authority is restarted, and requires a post-quantum key exchange");
      await fleet.killAuthority(1, "require-post-quantum");
      step("agents require a post-quantum key exchange");
      fleet.tell({ type: "update", changes: { policy: "require-post-quantum" } });
      await at(0.8);
      step("agents take nothing but post-quantum signatures");
      fleet.tell({ type: "update", changes: { policy: postQuantum } });
    },
  );
  return { ...outcome, steps, problems: [...outcome.problems, ...problemsOf(outcome.negotiated)] };
}

/** It must have come from all classical to all post-quantum. */
function problemsOf(answers: readonly Answered[]): string[] {
  const last = Math.max(...answers.map(({ second }) => second));
  const begin = answers.filter(({ second }) => second < 0.1 * last);
  const end = answers.filter(({ second }) => second > 0.93 * last);
  const namesOf = (part: readonly Answered[]): string =>
    [...new Set(part.map(({ group, scheme }) => `${group} with ${scheme}`))].join(", ");
  const expected = [
    [begin, "at the beginning", "x25519 with ecdsa_secp256r1_sha256"],
    [end, "at the end", "X25519MLKEM768 with mldsa65"],
  ] as const;
  return expected.flatMap(([part, when, right]) =>
    namesOf(part) === right ? [] : [`${when}: ${namesOf(part)}, not ${right}`],
  );
}

/** A page of it. */
export function migrationReport({
  negotiated,
  steps,
  requests,
  lost,
  median,
  slow,
  renewals,
}: MigrationOutcome): Document {
  return {
    title: "A fleet moves to post-quantum",
    lead: [
      `${requests} requests, ${lost.length} lost; half of them were answered within ${median} ms, and 99 in 100 within ` +
        `${slow} ms. Certificates were renewed ${renewals} times.`,
    ],
    warnings: [],
    sections: [
      {
        id: "over-time",
        title: "What was negotiated",
        blocks: [
          {
            kind: "figure",
            figure: {
              id: "shares",
              title: "Answers by what they came over",
              caption: "In each span of time, of all answered requests, percent.",
              chart: lines(sharesOf(negotiated), { x: "seconds", y: "percent of answers" }),
            },
          },
          {
            kind: "table",
            table: {
              title: "What was done",
              columns: [{ title: "second", align: "right" }, { title: "step" }],
              rows: steps.map(({ second, what }) => [second.toFixed(0), what]),
            },
          },
        ],
      },
    ],
  };
}

/** Seconds of a span. */
const span = 3;

function sharesOf(answers: readonly Answered[]): LinePoint[] {
  const spans = Math.floor(Math.max(...answers.map(({ second }) => second)) / span);
  const panels = [
    ["key exchange", (each: Answered) => each.group],
    ["signatures of servers", (each: Answered) => each.scheme],
  ] as const;
  return panels.flatMap(([panel, nameOf]) => {
    const names = [...new Set(answers.map(nameOf))];
    return Array.from({ length: spans }, (_, at) => {
      const within = answers.filter(({ second }) => Math.floor(second / span) === at);
      const all = countOf(within);
      return names.map((label, which) => ({
        panel,
        series: { label, fill: hue(which + (panel === "key exchange" ? 0 : 2)), opacity: 1 },
        x: (at + 0.5) * span,
        y: all === 0 ? 0 : (100 * countOf(within.filter((each) => nameOf(each) === label))) / all,
      }));
    }).flat();
  });
}

const countOf = (answers: readonly Answered[]): number =>
  answers.reduce((sum, { count }) => sum + count, 0);
