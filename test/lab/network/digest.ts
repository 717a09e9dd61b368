/** Networks, scripts and a digest of many runs over them, which must be the same on every engine. */
import {
  type FlightScript,
  type Loss,
  type Network,
  Runner,
  seedFor,
  symmetric,
} from "../../../src/lab/network/index.ts";
import { handshake } from "./conversations.ts";

export const lossy = (probability: number): Loss => ({ kind: "bernoulli", probability });

export const networks: readonly Network[] = [
  symmetric({ rtt: 20, loss: lossy(0.05) }),
  symmetric({ rtt: 80, loss: lossy(0.2), unit: "segment", kernel: "linux-5.4", nagle: true }),
  symmetric({ rtt: 5, loss: lossy(0.1), kernel: "ideal", acks: "delayed" }),
  symmetric({
    rtt: 30,
    rate: 20,
    queue: 20_000,
    jitter: { deviation: 2, distribution: "normal" },
  }),
  symmetric({
    rtt: 30,
    jitter: { deviation: 14, distribution: "uniform" },
    loss: { kind: "gilbert-elliott", toBad: 0.05, toGood: 0.3, inGood: 0.001, inBad: 0.4 },
  }),
];

export const scripts: readonly FlightScript[] = [
  handshake(300, 1200, 1),
  handshake(1800, 16_000, 0.3),
  handshake(300, 120_000),
];

export const seedOf = (repetition: number): number => seedFor("runs", "any", repetition);

/** What {@link digest} is. It changes with the model, and must not change with the engine. */
export const expected = "44356868";

/** FNV-1a over the nanoseconds of every run. */
export function digest(): string {
  let hash = 0x811c9dc5;
  for (const network of networks) {
    for (const script of scripts) {
      const runner = new Runner(network, script);
      for (let at = 0; at < 40; at++) {
        for (const part of String(Math.round(runner.run(seedOf(at)) * 1e6))) {
          hash = Math.imul(hash ^ part.charCodeAt(0), 0x01000193);
        }
      }
    }
  }
  return (hash >>> 0).toString(16);
}
