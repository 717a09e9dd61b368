/** Runs a script over a network, once or many times. */
import * as check from "../../registry/check.ts";
import { Connection, type Goal } from "./connection.ts";
import type { Processors } from "./end.ts";
import type { Network } from "./network.ts";
import { Program } from "./program.ts";
import { checkScript, type FlightScript, type Step } from "./script.ts";

/** When a run's clock is stopped, and who does its work. */
export interface RunnerOptions {
  /** The mark at which the clock is stopped. Default: when every step of both ends is done. */
  readonly until?: string;
  /** Where work of an end is done. Default: at once, since it has processors enough. */
  readonly processors?: { readonly client?: Processors; readonly server?: Processors };
}

const processors = check.like("processors, such as new Cores(4)", "take");
/** Of {@link RunnerOptions}, for all that takes such options. */
export const runnerTable = {
  until: check.text,
  processors: check.options({ client: processors, server: processors }),
} satisfies check.OptionTable<RunnerOptions>;

/** What came of one run. Times in ms since the client's first SYN. */
export interface Outcome {
  /** When the clock was stopped; NaN: the connection failed. */
  readonly ms: number;
  /** When the connection stood, for the client. */
  readonly connected: number;
  /** When each marked step was done, as far as the run came to it. */
  readonly marks: Readonly<Record<string, number>>;
  /** What the client sent. */
  readonly up: Traffic;
  /** What the server sent. */
  readonly down: Traffic;
  /** Left out: it did not fail. */
  readonly failed?: string;
}

/** What was handed to one direction until the clock was stopped. */
export interface Traffic {
  /** Packets, acknowledgements included, and those of them that were lost. */
  readonly packets: number;
  /** Packets that were lost. */
  readonly lost: number;
  /** Payload, retransmissions included. */
  readonly bytes: number;
}

/**
 * A network and a script, made ready to be run often: nothing is allocated for a run. A run depends on nothing but
 * its seed, so runs can be divided among machines.
 */
export class Runner {
  /** The simulated connection, which every run begins anew. */
  readonly connection: Connection;
  readonly #script: FlightScript;
  readonly #goal: Goal;
  #ms = Number.NaN;

  /** @throws TypeError for a field that is not known or of the wrong type, RangeError for a wrong value or mark */
  constructor(network: Network, script: FlightScript, options: RunnerOptions = {}) {
    check.checkOptions("Runner", options, runnerTable);
    checkScript(script);
    this.#script = script;
    this.#goal = goalOf(script, options.until);
    this.connection = new Connection(network, {
      client: Program.of(script.client),
      server: Program.of(script.server),
    });
    this.connection.client.processors = options.processors?.client;
    this.connection.server.processors = options.processors?.server;
  }

  /** One run. @returns the ms from the first SYN until the clock is stopped; NaN: the connection failed */
  run(seed: number): number {
    this.connection.start(seed, 0);
    this.#ms = this.connection.run(this.#goal) / 1e6;
    return this.#ms;
  }

  /** Runs with the seeds of repetitions 0, 1, 2 and so on. @returns ms by repetition */
  sample(count: number, seedOf: (repetition: number) => number): Float64Array {
    const sample = new Float64Array(count);
    for (let repetition = 0; repetition < count; repetition++) {
      sample[repetition] = this.run(seedOf(repetition));
    }
    return sample;
  }

  /** What came of the last run. */
  get outcome(): Outcome {
    const { client, server, up, down } = this.connection;
    const marks: Record<string, number> = {};
    for (const [end, steps] of [
      [client, this.#script.client],
      [server, this.#script.server],
    ] as const) {
      for (const [index, step] of steps.entries()) {
        if (step.mark !== undefined && index < end.step) marks[step.mark] = end.done[index]! / 1e6;
      }
    }
    const traffic = ({ packets, lost, bytes }: Traffic): Traffic => ({ packets, lost, bytes });
    return {
      ms: this.#ms,
      connected: client.connected / 1e6,
      marks,
      up: traffic(up),
      down: traffic(down),
      ...(Number.isNaN(this.#ms) && { failed: this.connection.failure() }),
    };
  }
}

/** How many steps of each end must be done for the clock to be stopped. */
export function goalOf(script: FlightScript, mark: string | undefined): Goal {
  if (mark === undefined) return { client: script.client.length, server: script.server.length };
  const isIt = (step: Step): boolean => step.mark === mark;
  const [client, server] = [script.client.findIndex(isIt) + 1, script.server.findIndex(isIt) + 1];
  if (client > 0 || server > 0) return { client, server };
  const marks = [...script.client, ...script.server].flatMap((step) => step.mark ?? []);
  throw new RangeError(
    `until: no step has the mark "${mark}"; there are ${marks.join(", ") || "none"}`,
  );
}
