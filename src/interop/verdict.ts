/** What is held against a case: the facts that were seen, never what an end or its exit code says. */
import type { Expected, InteropCase } from "./case.ts";
import type { Conversation, Talk } from "./conversation.ts";
import { type Seen, type SeenFacts, seenIn } from "./facts.ts";

export interface Verdict {
  readonly passed: boolean;
  /** What was otherwise than expected; empty if nothing was. */
  readonly problems: readonly string[];
  /** What could not be seen, for lack of keys. */
  readonly unseen: readonly string[];
  readonly seen: readonly Seen[];
}

export function judge(test: InteropCase, { conversations }: Talk): Verdict {
  const expected = test.second === undefined ? [test.expect] : [test.expect, test.second];
  const judged = expected.map((each, nth) => judgeOne(each, conversations[nth]));
  const named = (at: number, text: string): string =>
    judged.length === 1 ? text : `connection ${at + 1}: ${text}`;
  const problems = judged.flatMap((each, at) => each.problems.map((text) => named(at, text)));
  return {
    passed: problems.length === 0,
    problems,
    unseen: judged.flatMap((each, at) => each.unseen.map((text) => named(at, text))),
    seen: judged.flatMap(({ seen }) => seen ?? []),
  };
}

interface Judged {
  readonly problems: readonly string[];
  readonly unseen: readonly string[];
  readonly seen: Seen | undefined;
}

function judgeOne(
  { refusedBy, neverOpens, serverSignature, ...facts }: Expected,
  conversation: Conversation | undefined,
): Judged {
  if (conversation === undefined || conversation.trace.events.length === 0) {
    const why = conversation?.hung ?? "there was none";
    return { problems: [`no connection: ${why}`], unseen: [], seen: undefined };
  }
  const seen = seenIn(conversation.trace);
  const problems: string[] = [];
  const unseen: string[] = [];
  for (const [name, wanted] of Object.entries(facts)) {
    const fact = seen.facts[name as keyof SeenFacts];
    if (fact === null && wanted !== null) unseen.push(name);
    else if (!isSame(fact, wanted))
      problems.push(`${name}: ${say(fact)} instead of ${say(wanted)}`);
  }
  const signature = seen.facts.serverSignature;
  if (serverSignature !== undefined && signature === null) unseen.push("serverSignature");
  else if (serverSignature?.includes(signature!) === false) {
    problems.push(`serverSignature: ${signature} instead of ${serverSignature.join(" or ")}`);
  }
  if (refusedBy !== undefined) {
    const { end, alerts } = refusedBy;
    const first = seen.alerts[0];
    const isRight = first?.from === end && (alerts as readonly string[]).includes(first.alert);
    if (!isRight && first === undefined && seen.facts.opened === null) unseen.push("alert");
    else if (!isRight)
      problems.push(`${alertOf(seen)} instead of ${alerts.join(" or ")} by the ${end}`);
  } else if (neverOpens === undefined) {
    if (seen.alerts.length > 0) problems.push(alertOf(seen));
    if (!conversation.heard) problems.push("what one said did not arrive at the other");
    if (conversation.hung !== undefined) problems.push(conversation.hung);
  }
  for (const step of conversation.unapplied) problems.push(`nothing to apply this to: ${step}`);
  const { client, server } = conversation.exported;
  if (client !== undefined && server !== undefined && client !== server) {
    problems.push(`the client exports ${client}, the server ${server}`);
  }
  return { problems, unseen, seen };
}

/** Lists of ends in any order. */
const isSame = (fact: unknown, wanted: unknown): boolean =>
  Array.isArray(fact) && Array.isArray(wanted)
    ? fact.toSorted().join() === wanted.toSorted().join()
    : fact === wanted;

const say = (fact: unknown): string =>
  Array.isArray(fact) ? fact.join(" and ") || "none" : String(fact);

const alertOf = ({ alerts }: Seen): string =>
  alerts.length === 0
    ? "no alert"
    : alerts.map(({ from, alert }) => `alert ${alert} by the ${from}`).join(", ");
