/** What is said over a connection, by sizes: which end writes how much, after what. */
import { whole, within } from "./network.ts";

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
  readonly client: readonly Step[];
  readonly server: readonly Step[];
}

/** @throws {RangeError} if a step waits for bytes that nobody writes, goes backwards, or has a field out of range */
export function checkScript(script: FlightScript): void {
  const marks = new Set<string>();
  for (const [end, other] of [
    ["client", "server"],
    ["server", "client"],
  ] as const) {
    for (const [index, step] of script[end].entries()) {
      const at = `${end}[${index}]`;
      for (const name of Object.keys(step)) {
        if (!["received", "acknowledged", "cpu", "write", "mark"].includes(name)) {
          throw new RangeError(`${at}.${name}: no such field`);
        }
      }
      whole(`${at}.received`, step.received, 0, written(script[other]));
      whole(`${at}.acknowledged`, step.acknowledged, 0, written(script[end].slice(0, index)));
      within(`${at}.cpu`, step.cpu, 0, 3_600_000);
      whole(`${at}.write`, step.write, 0, 2 ** 30);
      if (step.mark === undefined) continue;
      if (marks.has(step.mark)) throw new RangeError(`${at}.mark: "${step.mark}" stands twice`);
      marks.add(step.mark);
    }
    whole(end, written(script[end]), 0, 2 ** 30);
  }
}

/** Bytes that steps write, in all. */
export const written = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => sum + (step.write ?? 0), 0);
