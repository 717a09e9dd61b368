/** What was measured on a kernel: enough to make the model's figures of the same anew, anywhere and later. */
import type { Cell, Experiment } from "../experiment/resolve.ts";
import type { ExperimentFile } from "../experiment/schema.ts";
import type { Turn } from "./flow.ts";

/** What makes an end's handshakes: this package, or the `openssl` tool. */
export type Maker = "ours" | "openssl";

/** What both ends compute, ms: measured over the same path with a round trip of 10 ms and no loss. */
export interface Computing {
  /** Until the client's first bytes. */
  readonly hello: number;
  readonly server: number;
  /** From the server's last bytes to the record that ends the client's handshake. */
  readonly finish: number;
}

/** One kind of handshake between two makers, as it was seen without loss. */
export interface SeenHandshake {
  readonly client: Maker;
  readonly server: Maker;
  readonly turns: readonly Pick<Turn, "from" | "records">[];
  /** Bytes of the client before the record that ends its handshake. */
  readonly before: number;
}

/** How much longer than it was to the relay held packets, ms: the path was so much longer. */
export interface Lateness {
  readonly up: number;
  readonly down: number;
}

export interface MeasuredCell {
  /** Number in the experiment. */
  readonly cell: number;
  /** Number in {@link Measurement.handshakes}. */
  readonly handshake: number;
  readonly computing: Computing;
  readonly late: Lateness;
  /** Of each handshake, in the order of the draws; `null`: it did not end in time. */
  readonly ms: readonly (number | null)[];
}

export interface Measurement {
  /** As `uname` says. */
  readonly kernel: string;
  readonly congestionControl: string;
  readonly node: string;
  readonly openssl?: string;
  /** The day, as ISO 8601 has it. */
  readonly date: string;
  /** Of the machine over the last minute, when it was over: above the number of cores others were waiting for it. */
  readonly load: number;
  readonly cores: number;
  readonly experiment: ExperimentFile;
  readonly handshakes: readonly SeenHandshake[];
  readonly cells: readonly MeasuredCell[];
}

/** Two ends. */
export interface Pair {
  readonly client: Maker;
  readonly server: Maker;
}

/**
 * Checks that all cells of an experiment can be run on a kernel, by these ends.
 * @throws RangeError that names the factor, and what it may be
 */
export function checkMeasurable({ cells }: Experiment, pairs: readonly Pair[]): void {
  const withOpenssl = pairs.some(({ client, server }) => [client, server].includes("openssl"));
  for (const cell of cells) {
    const { values, isRandom } = cell;
    const demand = (isMet: boolean, what: string): void => {
      if (!isMet) throw new RangeError(`on a kernel ${what}`);
    };
    demand(values.transport === "tcp", "transport can only be tcp");
    demand(
      values.timer === "handshake",
      "timer can only be handshake: the relay sees nothing else",
    );
    demand(["noble", "native"].includes(values.provider), "provider can only be noble or native");
    demand(values.cpu === "zero", "cpu can only be zero: the ends compute, and that is measured");
    demand(values.load === "none", "load can only be none: one handshake comes after the other");
    demand(!values.resumed, "resumed can only be false: both ends begin anew");
    demand(values.acks !== "delayed", "acks can only be kernel or quick");
    demand(values.request + values.payload === 0, "request and payload can only be 0");
    demand(
      !isRandom || values.unit === "segment",
      "unit can only be segment where losses are drawn: the relay sees nothing else",
    );
    if (withOpenssl) demandOpenssl(cell, demand);
  }
}

function demandOpenssl(
  { values, sizeOnly, handshake }: Cell,
  demand: (isMet: boolean, what: string) => void,
): void {
  const withIt = (what: string): string => `with OpenSSL as an end ${what}`;
  demand(sizeOnly.length === 0, withIt(`no algorithm can be one by size only: ${sizeOnly.join()}`));
  demand(values.hello === "lean", withIt("hello can only be lean"));
  demand(values.compression === "none", withIt("compression can only be none"));
  const { ocsp, timestamps } = handshake.chain;
  demand(!ocsp && timestamps.length === 0, withIt("chains have neither ocsp nor timestamps"));
}
