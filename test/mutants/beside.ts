/**
 * Mutated handshakes, each twice: with two right ends, and with one that has the fault. Two ends that make the same mistake
 * understand each other; beside a right one the mistake shows.
 */
import { agreedBy } from "../../src/lab/adversary/agreement.ts";
import type { Adversary } from "../../src/lab/adversary/search.ts";
import { endsOf } from "../../src/lab/adversary/scenario.ts";
import { describeStep, type Step } from "../../src/lab/adversary/step.ts";
import type { Attempt, Trials } from "../../src/lab/adversary/trial.ts";
import { otherRole, type Role } from "../../src/schedule/index.ts";
import { equal, toHex } from "../../src/wire/index.ts";
import * as faulty from "./engine.ts";

type Engine = typeof faulty;

/** @returns the first handshake that comes to something else beside the fault, in words */
export function differenceBeside(
  right: Engine,
  { adversary, seed, handshakes }: { adversary: Adversary; seed: string; handshakes: number },
): string | undefined {
  // An error of either is one for both
  if (faulty.TlsError !== right.TlsError) {
    Object.setPrototypeOf(faulty.TlsError.prototype, right.TlsError.prototype);
  }
  const { MaliciousBench } = right;
  return adversary === "malicious-peer"
    ? firstDifference(
        new MaliciousBench(right.createNative()),
        (role) => new MaliciousBench(right.createNative(), endsWithFault(right, role)),
        ({ malicious }) => [otherRole(malicious)],
      )
    : firstDifference(
        new right.Bench(right.createNative()),
        (role) => new right.Bench(right.createNative(), endsWithFault(right, role)),
        () => endsOf,
      );

  function firstDifference<S>(
    bench: Trials<S>,
    besideOf: (faultyEnd: Role) => Trials<S>,
    rolesOf: (setting: S) => readonly Role[],
  ): string | undefined {
    const beside = { client: besideOf("client"), server: besideOf("server") };
    const roll = right.seededDraws(seed);
    for (let number = 1; number <= handshakes; number++) {
      const setting = bench.choose(roll);
      const attempt = bench.attempt(setting, [], roll);
      const { steps } = attempt;
      const expected = comesTo(attempt);
      const run = (trials: Trials<S>) => attemptIn(trials, setting, steps);
      const differing = rolesOf(setting).find(
        (role) =>
          run(beside[role]) !== expected &&
          // Keys are fresh in each: what a bit of them comes to may be chance
          [1, 2, 3].every(() => run(bench) === expected && run(beside[role]) !== expected),
      );
      if (differing === undefined) continue;
      const what = steps.map(describeStep).join("; ") || "nothing changed";
      return `the ${differing} differs from a right one: ${what} (handshake ${number})`;
    }
    return undefined;
  }
}

function attemptIn<S>(trials: Trials<S>, setting: S, steps: readonly Step[]): string {
  try {
    return comesTo(trials.attempt(setting, steps));
  } catch (error) {
    return String(error);
  }
}

/** The ends of a search; those of this role have the fault. */
function endsWithFault(right: Engine, role: Role): InstanceType<Engine["SearchEnds"]> {
  const own = new faulty.SearchEnds(faulty.createNative());
  const ends = new right.SearchEnds(right.createNative());
  return role === "client"
    ? Object.assign(ends, { client: own.client.bind(own) })
    : Object.assign(ends, { server: own.server.bind(own) });
}

/** How both ends came out of it, and what they heard. */
const comesTo = ({ ends, problem, outcome }: Attempt): string =>
  JSON.stringify([
    problem,
    outcome,
    ...endsOf.map((role) => [
      agreedBy(ends[role]),
      ends[role]
        .takeEvents()
        .map((event) => (event.type === "data" ? toHex(event.data) : event.type)),
    ]),
    exportAlike(ends),
  ]);

function exportAlike({ client, server }: Attempt["ends"]): boolean | undefined {
  if (client.state !== "open" || server.state !== "open") return undefined;
  const [one, other] = [client, server].map((end) =>
    end.exportKeyingMaterial("EXPORTER-search", new Uint8Array(), 32),
  );
  return equal(one!, other!);
}
