/** What is said over a connection, by sizes: which end writes how much, after what. */
import * as check from "../../registry/check.ts";

/** What an end does next. Its steps are done in order. */
export interface Step {
  /** Bytes of the other end, in all, that must have arrived before. Default 0: the connection stands. */
  readonly received?: number;
  /** Bytes of its own, in all, that the other end must have acknowledged before. Default 0. */
  readonly acknowledged?: number;
  /** Milliseconds of work, once that is so. Default 0. */
  readonly cpu?: number;
  /** Bytes that are then written. Default 0. */
  readonly write?: number;
  /** A name for the moment at which the step is done, for results. */
  readonly mark?: string;
}

/** A conversation of two ends. The client's first step begins when its connection stands. */
export interface FlightScript {
  /** The client's steps. */
  readonly client: readonly Step[];
  /** The server's steps. */
  readonly server: readonly Step[];
}

const stepTable = {
  received: check.whole(0, 2 ** 30, " bytes"),
  acknowledged: check.whole(0, 2 ** 30, " bytes"),
  cpu: check.number(0, 3_600_000, " milliseconds"),
  write: check.whole(0, 2 ** 30, " bytes"),
  mark: check.text,
} satisfies check.OptionTable<Step>;

const checkSteps = check.listOf(check.options(stepTable));
const checkShape = check.complete(
  { client: checkSteps, server: checkSteps } satisfies check.OptionTable<FlightScript>,
  "write { client: […], server: […] }",
);

/**
 * @throws TypeError for a field that is not known or of the wrong type, RangeError for a wrong value, and for a step
 *   that waits for bytes that nobody writes
 */
export function checkScript(script: FlightScript): void {
  checkShape(script, "script");
  const marks = new Set<string>();
  for (const [end, other] of [
    ["client", "server"],
    ["server", "client"],
  ] as const) {
    const own = script[end];
    for (const [index, { received = 0, acknowledged = 0, mark }] of own.entries()) {
      const at = `script: ${end}[${index}]`;
      check.whole(
        0,
        written(script[other]),
        " bytes, which the other end writes",
      )(received, `${at}.received`);
      check.whole(
        0,
        written(own.slice(0, index)),
        " bytes, which it wrote before",
      )(acknowledged, `${at}.acknowledged`);
      if (mark === undefined) continue;
      if (marks.has(mark)) throw new RangeError(`${at}.mark: "${mark}" stands twice`);
      marks.add(mark);
    }
    check.whole(0, 2 ** 30, " bytes in all")(written(own), `script: ${end}`);
  }
}

/** Bytes that steps write, in all. */
export const written = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => sum + (step.write ?? 0), 0);
