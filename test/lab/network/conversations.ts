/** Conversations that tests run over networks. */
import type { FlightScript, Network, Packet } from "../../../src/lab/network/index.ts";
import { Runner, type RunnerOptions, seedFor } from "../../../src/lab/network/index.ts";

/** A hello, a flight that answers it, and what ends the client's handshake. */
export const handshake = (hello: number, flight: number, cpu = 0): FlightScript => ({
  client: [
    { write: hello, mark: "hello" },
    { received: flight, cpu, write: 80, mark: "finished" },
    { acknowledged: hello + 80, mark: "acknowledged" },
  ],
  server: [
    { received: hello, cpu, write: flight },
    { received: hello + 80, mark: "server finished" },
  ],
});

/** Milliseconds of one run. */
export const once = (network: Network, script: FlightScript, options?: RunnerOptions): number =>
  new Runner(network, script, options).run(1);

/** The sorted milliseconds of many. */
export function many(network: Network, script: FlightScript, count = 400): number[] {
  const runner = new Runner(network, script, { until: "finished" });
  const sample = runner.sample(count, (repetition) => seedFor("test", "network", repetition));
  return [...sample].toSorted((a, b) => a - b);
}

/** Everything that is handed down in one run, by direction. */
export function watched(network: Network, script: FlightScript, seed = 1): Watched {
  const runner = new Runner(network, script);
  const up: Sent[] = [];
  const down: Sent[] = [];
  runner.connection.up.tap = (packet, arrives) => up.push({ ...packet, arrives });
  runner.connection.down.tap = (packet, arrives) => down.push({ ...packet, arrives });
  const ms = runner.run(seed);
  return { ms, up, down, runner };
}

export interface Sent extends Packet {
  /** ns; undefined: it was lost. */
  readonly arrives: number | undefined;
}

interface Watched {
  readonly ms: number;
  readonly up: readonly Sent[];
  readonly down: readonly Sent[];
  readonly runner: Runner;
}
