import { cpuUsage } from "node:process";
import { runHandshake, type Scenario, setUp } from "../lab.ts";

/** CPU milliseconds of this process for one handshake, both ends: the lower quartile of the rounds. */
export interface Speed {
  readonly cpuMilliseconds: number;
  readonly rounds: number;
  readonly handshakes: number;
}

/** CPU milliseconds of a round: long against the clock's grain, short against a disturbance. */
const roundLength = 40;

/**
 * Measures scenarios in turns, round by round, so that what else the machine does disturbs all alike.
 * CPU time and not time of day: it counts what was worked, not what was waited.
 */
export function measureSpeeds(scenarios: readonly Scenario[], rounds: number): Speed[] {
  const runners = scenarios.map((scenario) => {
    const experiment = setUp(scenario);
    return { experiment, times: [] as number[], handshakes: 0 };
  });
  // The first round compiles
  for (let round = 0; round <= rounds; round++) {
    for (const runner of runners) {
      const start = cpuMilliseconds();
      let count = 0;
      let spent = 0;
      while (spent < roundLength) {
        runHandshake(runner.experiment);
        count++;
        spent = cpuMilliseconds() - start;
      }
      if (round === 0) continue;
      runner.times.push(spent / count);
      runner.handshakes += count;
    }
  }
  return runners.map(({ times, handshakes }) => ({
    cpuMilliseconds: times.toSorted((a, b) => a - b)[rounds >> 2] ?? Number.NaN,
    rounds,
    handshakes,
  }));
}

function cpuMilliseconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}
