/**
 * A fleet moves to post-quantum under load: key exchange from classical to hybrid where both can, then to hybrid only;
 * keys, certificates and the root from ECDSA to ML-DSA-65, with both trusted in between; then nothing else is taken.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { policies, type Policy } from "../../src/index.ts";
import type { MeshChanges } from "../../src/mesh/index.ts";
import type { Document } from "../../src/report/document.ts";
import { lines, type LinePoint } from "../../src/report/charts/lines.ts";
import { hue } from "../../src/report/charts/frame.ts";
import {
  type Answered,
  type Fleet,
  type FleetOptions,
  type FleetOutcome,
  runFleet,
} from "./fleet.ts";

const classical: Policy = { ...policies.compatible, name: "classical", groups: ["x25519"] };
const postQuantum: Policy = {
  ...policies["require-post-quantum"],
  name: "post-quantum only",
  signatures: "post-quantum",
  chains: "post-quantum",
};

/** What was done, and how far everybody had to come before the next. */
export interface Step {
  readonly what: string;
  readonly until: string;
  /** Since the load began. */
  readonly second: number;
  /** When everybody had come so far. */
  readonly done: number;
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
      const step = async (
        what: string,
        act: () => void | Promise<void>,
        until: string,
        isSo: Parameters<Fleet["all"]>[1],
      ): Promise<void> => {
        fleet.say(what);
        const second = fleet.seconds;
        await act();
        await fleet.all(until, isSo);
        steps.push({ what, until, second, done: fleet.seconds });
      };
      const update = (changes: Pick<MeshChanges, "policy" | "algorithm">) => (): void =>
        fleet.tell({ type: "update", changes });
      const isHybrid: Parameters<Fleet["all"]>[1] = ({ over }) =>
        over.length > 0 && over.every(({ group }) => group === "X25519MLKEM768");

      let [bundle, back] = [0, Infinity];

      await at(0.15);
      await step(
        "agents prefer a hybrid key exchange",
        update({ policy: "prefer-post-quantum" }),
        "all use one",
        isHybrid,
      );
      await at(0.3);
      await step(
        "the root is rolled to ML-DSA-65",
        async () => {
          bundle = await fleet.rollRoot("ML-DSA-65");
        },
        "all know the new root",
        ({ health }) => health?.bundle === bundle,
      );
      await step(
        "agents make ML-DSA-65 keys from now on",
        update({ algorithm: "ML-DSA-65" }),
        "all have one, certified below the new root",
        ({ health }, { issuer, serial }) =>
          health?.keyType === "ML-DSA-65" && issuer === "ca-2" && health.serial === serial,
      );
      await at(0.7);
      await step(
        "the authority is restarted, and requires a post-quantum key exchange",
        async () => {
          await fleet.killAuthority(1, "require-post-quantum");
          back = Date.now();
        },
        "all have heard from it",
        ({ health }) => (health?.heardAt ?? 0) > back,
      );
      await step(
        "agents require a post-quantum key exchange",
        update({ policy: "require-post-quantum" }),
        "all use one",
        isHybrid,
      );
      await at(0.8);
      await step(
        "agents take nothing but post-quantum signatures",
        update({ policy: postQuantum }),
        "all servers sign with ML-DSA-65",
        ({ over }) => over.every(({ scheme }) => scheme === "mldsa65"),
      );
      await sleep(ending);
    },
  );
  return {
    ...outcome,
    steps,
    problems: [...outcome.problems, ...problemsOf(outcome.negotiated, steps)],
  };
}

/** Milliseconds after the last step, at least: what begins then is as it will be. */
const ending = 6000;

/** It must have come from all classical to all post-quantum. */
function problemsOf(answers: readonly Answered[], steps: readonly Step[]): string[] {
  const [first, last] = [steps[0]!.second, steps.at(-1)!.done];
  const begin = answers.filter(({ second }) => second < first);
  // What had begun before is told of by then
  const end = answers.filter(({ second }) => second > last + 2);
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
              columns: [
                { title: "step" },
                { title: "second", align: "right" },
                { title: "the next waits until" },
                { title: "second", align: "right" },
              ],
              rows: steps.map(({ second, what, until, done }) => [
                what,
                second.toFixed(0),
                until,
                done.toFixed(0),
              ]),
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
