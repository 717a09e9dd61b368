import { metered, type MeterRow } from "../crypto/index.ts";
import * as check from "../registry/check.ts";
import type { Role } from "../schedule/index.ts";
import { type HandshakeRun, runHandshake } from "./run.ts";
import { type Scenario, setUp } from "./scenario.ts";

/** A handshake whose time and operations were measured. */
export interface MeasuredRun extends HandshakeRun {
  /** What each end asked of its cryptography. */
  readonly operations: Readonly<Record<Role, readonly MeterRow[]>>;
  /** The keys that the client offered to go on with. */
  readonly psks: readonly Uint8Array[];
}

/** How often a handshake is run before its time counts. */
export interface MeasureOptions {
  /** Handshakes before the first that counts: they compile the code that they run. Default: 3. */
  readonly warmUps?: number;
  /** Handshakes of which the one with the median time is given. Default: 5. */
  readonly runs?: number;
}

const measureTable = {
  warmUps: check.whole(),
  runs: check.whole(1),
} satisfies check.OptionTable<MeasureOptions>;

/**
 * Runs a scenario's handshake with the cryptography of both ends metered.
 * @throws Error as {@link setUp}; TypeError or RangeError for options that cannot be
 */
export function measureHandshake(scenario: Scenario, options: MeasureOptions = {}): MeasuredRun {
  check.checkOptions("measureHandshake", options, measureTable);
  const { warmUps = 3, runs = 5 } = options;
  const own = scenario.providers ?? { client: scenario.provider, server: scenario.provider };
  const client = metered(own.client);
  const server = metered(own.server);
  const experiment = setUp({
    ...scenario,
    providers: { client: client.provider, server: server.provider },
  });
  for (let i = 0; i < warmUps; i++) runHandshake(experiment);
  const measured = Array.from({ length: runs }, (): MeasuredRun => {
    client.reset();
    server.reset();
    const run = runHandshake(experiment);
    return Object.assign(run, {
      operations: { client: client.report(), server: server.report() },
      psks: (experiment.client.psks ?? []).map(({ secret }) => secret),
    });
  });
  const median = measured.toSorted((a, b) => timeOf(a) - timeOf(b))[runs >> 1];
  if (median === undefined) throw new RangeError(`${runs} runs have no median`);
  return median;
}

const timeOf = ({ milliseconds }: HandshakeRun): number =>
  milliseconds.client + milliseconds.server;
