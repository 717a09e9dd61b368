/** Pairs of implementations and cases: each is a cell, and each cell is run. */
import type { Role } from "../schedule/index.ts";
import { type InteropCase, setupOf } from "./case.ts";
import { talk, type Talk } from "./conversation.ts";
import type { RunFolder } from "./files.ts";
import type { Implementation } from "./implementation.ts";
import { judge, type Verdict } from "./verdict.ts";

/**
 * `known fault`: it failed as one of the ends is known to fail. `mended`: it passed, and one of them is said to fail
 * here.
 */
export const outcomes = ["passed", "failed", "known fault", "mended", "not supported"] as const;
export type Outcome = (typeof outcomes)[number];

export interface Cell {
  readonly test: string;
  readonly client: string;
  readonly server: string;
  readonly outcome: Outcome;
  /** Why it is not a plain success, or what could not be seen; may be empty. */
  readonly reason: string;
  readonly milliseconds: number;
  /** What was seen, for who wants to look. Absent if nothing was run. */
  readonly evidence?: Evidence;
}

export interface Evidence {
  readonly talk: Talk;
  readonly verdict: Verdict;
}

export interface Pair {
  readonly client: Implementation;
  readonly server: Implementation;
}

const roles: readonly Role[] = ["client", "server"];

/** Never throws: an end that cannot be started is a failure of the cell. */
export async function runCell(test: InteropCase, pair: Pair, folder: RunFolder): Promise<Cell> {
  const begin = performance.now();
  const told = (what: Pick<Cell, "outcome" | "reason" | "evidence">): Cell => ({
    test: test.name,
    client: pair.client.name,
    server: pair.server.name,
    milliseconds: Math.round(performance.now() - begin),
    ...what,
  });
  for (const role of roles) {
    const reason = pair[role].lacking(role, setupOf(test, role));
    if (reason !== undefined) return told({ outcome: "not supported", reason });
  }
  const faults = roles.flatMap((role) => pair[role].fault(role, test.name) ?? []);
  try {
    const said = await talk(test, pair, folder);
    const verdict = judge(test, said);
    const evidence = { talk: said, verdict };
    if (!verdict.passed) return told({ ...failure(verdict.problems.join("; "), faults), evidence });
    const unseen = verdict.unseen.length === 0 ? "" : `not seen: ${verdict.unseen.join(", ")}`;
    return faults.length === 0
      ? told({ outcome: "passed", reason: unseen, evidence })
      : told({ outcome: "mended", reason: `it is not a fault any more: ${faults[0]}`, evidence });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return told({ outcome: "failed", reason: text.trim().replaceAll(/\s+/g, " ").slice(0, 500) });
  }
}

const failure = (reason: string, [fault]: readonly string[]): Pick<Cell, "outcome" | "reason"> =>
  fault === undefined
    ? { outcome: "failed", reason }
    : { outcome: "known fault", reason: `${fault} (${reason})` };

/** Each peer with each of the others, in both roles. */
export function pairsOf(
  peers: readonly Implementation[],
  others: readonly Implementation[],
): Pair[] {
  const pairs = peers.flatMap((peer) =>
    others.flatMap((other) => [
      { client: peer, server: other },
      { client: other, server: peer },
    ]),
  );
  const names = pairs.map(({ client, server }) => `${client.name} ${server.name}`);
  return pairs.filter((_, at) => names.indexOf(names[at]!) === at);
}
