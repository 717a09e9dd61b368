/** Compares what came of a scenario with what is predicted, and with what would have been without it. */
import { namedSchemes, suites } from "../../crypto/index.ts";
import { schemeStrength, suiteStrength } from "../../detection/index.ts";
import { groupCategory, groups } from "../../groups/index.ts";
import { decodeMessage } from "../../messages/index.ts";
import type { Role } from "../../schedule/index.ts";
import { toHex } from "../../wire/index.ts";
import { agreedBy } from "./agreement.ts";
import { setupOf, standardEnds } from "./laboratory.ts";
import type { Conversation } from "./conversation.ts";
import {
  type Agreement,
  type AttackScenario,
  type EndReport,
  endsOf,
  expectationOf,
} from "./scenario.ts";
import type { Unit } from "./step.ts";
import type { EndPlan } from "../plan/plan.ts";

type Reports = Readonly<Record<Role, EndReport>>;

/** Connections with which the attacked one is compared. */
export interface Comparisons {
  readonly attacked: Conversation;
  /** The same ends without the attack; run only if it is needed. */
  readonly honest: () => Conversation;
  readonly before: Conversation | undefined;
}

/** Why it is not as predicted; empty if it is. */
export function judge(scenario: AttackScenario, reports: Reports, others: Comparisons): string[] {
  const { expect: expected } = scenario;
  const problems = endsOf.flatMap((role) => misfits(scenario, role, reports[role]));
  const kinds = endsOf.flatMap((role) => reports[role].findings.map(({ kind }) => kind));
  const missing = (expected.findings ?? []).filter((kind) => !kinds.includes(kind));
  if (missing.length > 0) problems.push(`nobody found ${missing.join(", ")}`);
  problems.push(...repeated(scenario, others));
  if (expected.findings?.length === 0 && kinds.length > 0) {
    problems.push(`found without a reason: ${[...new Set(kinds)].join(", ")}`);
  }
  // What only a party can say that sees both ends is not a finding of anybody who is there
  if (kinds.some((kind) => kind !== "ends-disagree")) return problems;
  const bothOpen = endsOf.every((role) => reports[role].outcome.startsWith("open"));
  const lost = bothOpen ? weakened(scenario, reports.client.agreed!, others) : [];
  if (lost.length > 0) {
    problems.push(`a weaker exchange came about, and nobody said so: ${lost.join("; ")}`);
  }
  return problems;
}

type Value = string | number | boolean | null | undefined;

function misfits(scenario: AttackScenario, role: Role, report: EndReport): string[] {
  const expected = expectationOf(scenario, role);
  const problems: string[] = [];
  const differs = (what: string, predicted: Value, is: Value): void => {
    if (predicted === undefined || predicted === is) return;
    problems.push(`${role}${what}: ${predicted} was predicted, ${is} it is`);
  };
  differs("", expected.outcome, report.outcome);
  if (problems.length > 0) return problems;
  for (const field of ["where", "section", "rule", "data"] as const) {
    differs(`, ${field}`, expected[field], report[field]);
  }
  const agreed = { ...scenario.expect.agreed, ...expected.agreed };
  for (const field of Object.keys(report.agreed ?? {}) as (keyof Agreement)[]) {
    differs(`, ${field}`, agreed[field], report.agreed?.[field]);
  }
  return problems;
}

/** Randoms, keys and ciphertexts are never said twice, whatever the other end says (RFC 9846 §4.3.8, RFC 10024 §6). */
function repeated({ malicious }: AttackScenario, { attacked, before }: Comparisons): string[] {
  return endsOf
    .filter((role) => role !== malicious)
    .flatMap((role) => {
      const said = new Set(before === undefined ? [] : freshOf(role, before.units));
      const again = freshOf(role, attacked.units).filter((value) => said.has(value));
      return again.map((value) => `the ${role} said in two connections: ${value.slice(0, 80)}`);
    });
}

/** What an end drew for its first hello. */
function freshOf(role: Role, units: readonly Unit[]): string[] {
  const hello = units.find(
    ({ from, name }) => from === role && /^(client|server)_hello$/.test(name),
  );
  if (hello === undefined) return [];
  const { random, extensions } =
    role === "client"
      ? decodeMessage("client_hello", hello.raw).body
      : decodeMessage("server_hello", hello.raw).body;
  const shares = [extensions.key_share ?? []].flat();
  return [
    `random ${toHex(random)}`,
    ...shares.map(({ keyExchange }) => `share ${toHex(keyExchange)}`),
  ];
}

/** In what a connection that both ends opened is weaker than it could have been. */
export function weakened(
  scenario: AttackScenario,
  agreed: Partial<Agreement>,
  { honest, before }: Pick<Comparisons, "honest" | "before">,
): string[] {
  const setup = setupOf(scenario, "client");
  const better: (Partial<Agreement> | null)[] = [offered(scenario, setup, agreed)];
  if (scenario.steps.length > 0) better.push(agreedBy(honest().ends.client));
  // Who remembers nothing cannot know better
  if (setup.history && before !== undefined) better.push(agreedBy(before.ends.client));
  return better.flatMap((other) => (other === null ? [] : weakerThan(other, agreed, setup)));
}

/** A post-quantum exchange that the client offered, now or in a hello that was lost, where there is none. */
function offered(
  { lost = [] }: AttackScenario,
  { groups: own = [] }: EndPlan,
  { group }: Partial<Agreement>,
): Partial<Agreement> | null {
  if (categoryOf(group) !== 0) return null;
  const names = [...own, ...lost.flatMap(({ groups: given = standardEnds.groups! }) => given)];
  const best = names.find((name) => (categoryOf(name) ?? 0) > 0);
  return best === undefined ? null : { group: best };
}

function weakerThan(
  before: Partial<Agreement>,
  now: Partial<Agreement>,
  { groups: order = [] }: EndPlan,
): string[] {
  const isLess = (strength: (name: string | null | undefined) => number | undefined) => {
    return (old: string | null | undefined, name: string | null | undefined): boolean =>
      (strength(name) ?? Infinity) < (strength(old) ?? 0);
  };
  const isLaterGroup = (old: string | null | undefined, name: string | null | undefined) =>
    categoryOf(old) === categoryOf(name) && order.indexOf(old ?? "") < order.indexOf(name ?? "");
  const pairs = [
    ["group", (old, name) => isLess(categoryOf)(old, name) || isLaterGroup(old, name)],
    ["suite", isLess((name) => suiteStrength(suites, name ?? ""))],
    ["signature", isLess((name) => schemeStrength(namedSchemes, name ?? null))],
    ["alpn", (old, name) => old !== null && old !== name],
  ] as const satisfies readonly (readonly [
    keyof Agreement,
    (old: string | null | undefined, name: string | null | undefined) => boolean,
  ])[];
  return pairs.flatMap(([field, isWeaker]) =>
    before[field] !== undefined && isWeaker(before[field], now[field])
      ? [`${before[field] ?? "nothing"} could have been, ${now[field] ?? "nothing"} it is`]
      : [],
  );
}

/** A PSK alone is not a post-quantum exchange. */
const categoryOf = (name: string | null | undefined): number | undefined => {
  if (name === null || name === undefined) return 0;
  const group = groups.find((entry) => entry.name === name);
  return group && groupCategory(group);
};
