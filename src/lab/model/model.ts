/**
 * A model of fallback, memory and authentication, over the real engine.
 *
 * A state is all that outlives a connection: what the client remembers of the server, the session that it holds, and
 * what it has offered in truth. A move is one choice of the client's application (when it connects, what it offers,
 * whether it resumes) with one of the attacker's, who may drop, forge, rewrite, replay, or answer himself, and holds
 * no key of either end. Each move is carried out by the engine, and every property is asked of what came of it. States
 * that are the same but for the time are looked at once, the shortest way to each first; so what is found is shortest
 * too.
 */
import { type Provider, type RandomSource, seededRandom } from "../../crypto/index.ts";
import type { PolicyName } from "../../policy/index.ts";
import { describeMove, type Move, movesFrom } from "./moves.ts";
import { properties } from "./properties.ts";
import { start, step, type World } from "./world.ts";

export interface ModelOptions {
  readonly makeProvider: (options: { readonly random: RandomSource }) => Provider;
  /** Steps from the beginning. Default: 2. */
  readonly depth?: number;
  /** Of the client. Default: `compatible`. */
  readonly policy?: PolicyName;
  /** Ends after the first violation. Default: false. */
  readonly first?: boolean;
  /** Is told when all moves from a state have been made. */
  readonly onState?: (states: number, connections: number) => void;
}

export interface ModelReport {
  readonly policy: PolicyName;
  readonly depth: number;
  /** Different ones, the first included; those at the last depth are not gone on from. */
  readonly states: number;
  readonly moves: number;
  readonly connections: number;
  /** Of each property the shortest way to where it does not hold. */
  readonly violations: readonly Violation[];
}

export interface Violation {
  readonly property: string;
  readonly what: string;
  /** The moves that lead there, in words. */
  readonly trace: readonly string[];
}

interface Reached {
  readonly world: World;
  readonly path: readonly Move[];
}

/** Everything that can happen in so many steps. */
export function explore(options: ModelOptions): ModelReport {
  const { makeProvider, depth = 2, policy = "compatible", first = false, onState } = options;
  const provider = makeProvider({ random: seededRandom("model") });
  const seen = new Set([fingerprint(start)]);
  const queue: Reached[] = [{ world: start, path: [] }];
  const violations = new Map<string, Violation>();
  let [moves, connections] = [0, 0];
  for (let at = 0; at < queue.length; at++) {
    const { world, path } = queue[at]!;
    if (path.length === depth) continue;
    for (const move of movesFrom(world.session !== undefined)) {
      const random = seededRandom(`${moves++}`);
      const taken = step(world, move, { provider, policy }, random);
      connections += taken.outcomes.length;
      const after = taken.world;
      const way = [...path, move];
      const outcome = taken.outcomes.at(-1);
      for (const property of outcome === undefined ? [] : properties) {
        const what = property.broken({ before: world, move, after, outcome: outcome! }, policy);
        if (what === undefined || violations.has(property.name)) continue;
        violations.set(property.name, {
          property: property.name,
          what,
          trace: way.map(describeMove),
        });
      }
      if (first && violations.size > 0) at = queue.length;
      const key = fingerprint(after);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ world: after, path: way });
    }
    onState?.(at + 1, connections);
  }
  const states = seen.size;
  return { policy, depth, states, moves, connections, violations: [...violations.values()] };
}

const hour = 60 * 60 * 1000;

/** What can matter to what comes: times as they are to now, and of what is older than an hour only that it is. */
function fingerprint({ now, memory, session, sent }: World): string {
  const age = (at: number): string => (now - at < hour ? "recent" : "old");
  const offered = new Set(sent.map(({ at, offer }) => `${age(at)} ${offer}`));
  return JSON.stringify([
    memory.map(({ at, ...entry }) => [age(at), entry]),
    session === undefined ? null : [session.origin?.group, age(session.origin?.issuedAt ?? 0)],
    [...offered].toSorted(),
  ]);
}
