import { native } from "../../src/node.ts";
import type { Candidate } from "../measure.ts";
import { handshake } from "../subjects/ours.ts";
import { nodeTls, ourSockets } from "../subjects/sockets.ts";
import { carryOut, type Comparison, type Suite } from "../suite.ts";

/** Our handshakes for one of theirs, at least, by group and by way. */
const goals = {
  X25519MLKEM768: { calls: 1.3, pipe: 1.1 },
  x25519: {},
} as const;

/** How many handshakes the CPU time of one of `node:tls` buys. */
export const peers: Suite = {
  name: "peers",
  title: "A full handshake, both ends, ECDSA P-256, chain verified, against node:tls",
  run(options) {
    const candidates: Candidate[] = [];
    const comparisons: Comparison[] = [];
    const notes = [
      "between sockets both also issue two tickets, as is their default; our sans-I/O calls do not",
      "a handshake between sockets ends with both destroyed",
    ];
    for (const group of ["X25519MLKEM768", "x25519"] as const) {
      const add = (way: string, numerator: string, run: Candidate["run"]): void => {
        const name = `ours, ${way}, ${group}`;
        const atLeast = (goals[group] as Record<string, number>)[way];
        candidates.push({ name, run });
        comparisons.push({
          name: `ours for one of node:tls, ${way}, ${group}`,
          numerator,
          denominator: name,
          ...(atLeast === undefined ? {} : { goal: { atLeast } }),
        });
      };
      for (const way of ["pipe", "tcp"] as const) {
        const theirs = `node:tls, ${way}, ${group}`;
        try {
          candidates.push({ name: theirs, run: nodeTls(group, way) });
        } catch {
          notes.push(`node:tls has no ${group} here`);
          break;
        }
        if (way === "pipe") add("calls", theirs, handshake({ provider: native, group }));
        add(way, theirs, ourSockets(group, way));
      }
    }
    return carryOut({ candidates, comparisons, notes }, options);
  },
};
