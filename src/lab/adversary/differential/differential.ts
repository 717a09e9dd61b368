/** Looks for differences from OpenSSL: the same mutated message to an end of ours and to one of OpenSSL's. */
import type { Provider } from "../../../crypto/index.ts";
import { otherRole } from "../../../schedule/index.ts";
import type { SentMessage } from "../malicious.ts";
import { type Change, changesOf } from "../may-accept.ts";
import { seededDraws } from "../mutate.ts";
import type { AttackScenario } from "../scenario.ts";
import { progressEvery, type SearchProgress } from "../search.ts";
import { describeStep } from "../step.ts";
import { type KnownDifference, knownDifferences } from "./known-differences.ts";
import { type Pair, TwoEnds } from "./two-ends.ts";

export interface DifferentialOptions {
  readonly seconds: number;
  /** Mutations, at most. Default: as many as the time allows. */
  readonly limit?: number;
  /** Differences that nothing explains, at most. Default: 20. */
  readonly maxProblems?: number;
  readonly seed: string;
  readonly makeProvider: (options: object) => Provider;
  /** Told now and then how far it is. */
  readonly onProgress?: (so: SearchProgress) => void;
}

/** What both ends made of so many mutations. */
export interface DifferentialReport {
  readonly seed: string;
  readonly provider: string;
  /** Of this Node.js. */
  readonly openssl: string;
  readonly seconds: number;
  /** Of one processor, without what others did to it. */
  readonly cpuSeconds: number;
  /** Mutations that both ends were given. */
  readonly mutations: number;
  /** Of these, those at which both did the same: the same alert, or open with the same parameters. */
  readonly same: number;
  /** How often each known difference was seen, by its reason. */
  readonly explained: Readonly<Record<string, number>>;
  /** Differences that nothing explains, each kind once. */
  readonly problems: readonly Difference[];
}

export interface Difference {
  /** Which message and field, and what each end did. */
  readonly what: string;
  /** Which mutation came to it, from 1. */
  readonly mutation: number;
  /** In words. */
  readonly steps: string;
  /** For `kemistry attack`, at ends of ours. */
  readonly scenario: AttackScenario;
}

export async function searchDifferences(options: DifferentialOptions): Promise<DifferentialReport> {
  const { seconds, limit = Infinity, maxProblems = 20, seed, makeProvider } = options;
  const ends = new TwoEnds(makeProvider({}));
  const roll = seededDraws(seed);
  const explained: Record<string, number> = {};
  const problems: Difference[] = [];
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const until = begin + seconds * 1000;
  let [mutations, same] = [0, 0];
  while (mutations < limit && performance.now() < until && problems.length < maxProblems) {
    const setting = ends.choose(roll);
    const pair = await ends.attempt(setting, [], roll);
    if (pair === undefined || pair.steps.length === 0) continue;
    mutations++;
    if (options.onProgress !== undefined && mutations % progressEvery === 0) {
      const elapsed = (performance.now() - begin) / 1000;
      options.onProgress({ done: mutations, seconds: elapsed, problems: problems.length });
    }
    if (isSame(pair)) {
      same++;
      continue;
    }
    const honest = otherRole(setting.malicious);
    const known = explanationOf(honest, pair);
    if (known !== undefined) {
      explained[known.why] = (explained[known.why] ?? 0) + 1;
      continue;
    }
    const what = `${honest}: ${kindOf(pair)}`;
    if (problems.some((problem) => problem.what === what)) continue;
    const scenario = ends.scenarioOf(
      setting,
      pair.steps,
      what,
      `difference-${problems.length + 1}`,
    );
    const steps = pair.steps.map(describeStep).join("; ");
    problems.push({ what, mutation: mutations, steps, scenario });
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    seed,
    provider: ends.provider.name,
    openssl: process.versions.openssl,
    seconds: (performance.now() - begin) / 1000,
    cpuSeconds: (user + system) / 1e6,
    mutations,
    same,
    explained,
    problems,
  };
}

export const isSame = ({ ours, openssl }: Pick<Pair, "ours" | "openssl">): boolean =>
  ours.outcome === openssl.outcome && ours.hasOpened === openssl.hasOpened;

/** The entry of the list that says why, if there is one. */
export function explanationOf(
  honest: KnownDifference["honest"],
  { sent, ours, openssl }: Pick<Pair, "sent" | "ours" | "openssl">,
  list: readonly KnownDifference[] = knownDifferences,
): KnownDifference | undefined {
  const changes = changesIn(sent);
  const isRetried = sent.filter(({ type }) => type === "client_hello").length > 1;
  return list.find(
    (entry) =>
      (entry.honest === "either" || entry.honest === honest) &&
      (entry.retried === undefined || isRetried) &&
      entry.ours.test(ours.outcome) &&
      entry.openssl.test(openssl.outcome) &&
      changes.some(({ type, path }) => entry.on.includes(type) && entry.path.test(path)),
  );
}

/** What was changed. Binders are not changes in themselves, since they are made anew: then it is what a step was for. */
function changesIn(sent: readonly SentMessage[]): Pick<Change, "type" | "path">[] {
  const changes = sent.flatMap(changesOf);
  if (changes.length > 0) return changes;
  return sent.filter(({ steps }) => steps.length > 0).map(({ type }) => ({ type, path: "" }));
}

function kindOf({ sent, ours, openssl }: Pair): string {
  const [change] = changesIn(sent);
  const place = `${change?.type} ${change?.path.replaceAll(/\[\d+\]/g, "[]")}`;
  return `${place}: ours ${ours.outcome}, OpenSSL ${openssl.outcome}`;
}
