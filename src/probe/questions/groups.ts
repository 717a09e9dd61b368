/** Which groups a server takes, in its order, and whether each works to the end. */
import { groups as known, isHybrid, isPostQuantum } from "../../groups/index.ts";
import { type Answer, describeAnswer, groupName, isTls13 } from "../answer.ts";
import { type Asker, groupOf } from "../asker.ts";
import type { GroupFact, PreferenceFacts } from "../facts.ts";
import { question, unlessTls13 } from "../question.ts";

const codes = known.map(({ code }) => code);

/** The group that the server goes on with. */
const chosen = (answer: Answer): number | undefined => {
  if (answer.kind === "retry") return answer.group;
  return answer.kind === "server_hello" && isTls13(answer) ? answer.share?.group : undefined;
};

/**
 * A ClientHello without shares has a HelloRetryRequest for an answer (RFC 9846 §4.3.8), with the group that the server
 * likes best: neither end computes anything. The group is taken out, and it is asked again. A server that does not
 * take such a hello is asked for each group by itself.
 */
export const groups = question({
  name: "groups",
  title: "which groups are accepted, in which order",
  unless: unlessTls13,
  async ask(asker) {
    const first = await asker.hello({ groups: codes, shares: [] });
    const isUsable = chosen(first) !== undefined;
    const accepted = isUsable ? await eliminate(asker, first) : await oneByOne(asker);
    const each: GroupFact[] = [];
    for (const code of accepted) {
      const group = groupOf(code);
      const { failure } = await asker.handshake({ groups: [group], shares: [group] });
      const { name } = group;
      const kind = { postQuantum: isPostQuantum(group), hybrid: isHybrid(group) };
      each.push({ name, ...kind, works: failure ?? true });
    }
    return {
      accepted: accepted.map(groupName),
      each,
      preference: isUsable ? await preferenceIn(asker, accepted) : "unknown",
      withoutShares: describeAnswer(first),
    };
  },
});

async function eliminate(asker: Asker, first: Answer): Promise<number[]> {
  const order: number[] = [];
  for (let answer = first; ;) {
    const group = chosen(answer);
    // One that was not offered is not an answer to go on with
    if (group === undefined || !codes.includes(group) || order.includes(group)) return order;
    order.push(group);
    const left = codes.filter((code) => !order.includes(code));
    if (left.length === 0) return order;
    answer = await asker.hello({ groups: left, shares: [] });
  }
}

async function oneByOne(asker: Asker): Promise<number[]> {
  const accepted: number[] = [];
  for (const code of codes) {
    const answer = await asker.hello({ groups: [code], shares: asker.shares(code) });
    if (chosen(answer) === code) accepted.push(code);
  }
  return accepted;
}

/** Asked the other way round, a server that has an order of its own says the same. */
async function preferenceIn(
  asker: Asker,
  accepted: readonly number[],
): Promise<PreferenceFacts["preference"]> {
  const [first] = accepted;
  if (accepted.length < 2) return "unknown";
  const again = await asker.hello({ groups: accepted.toReversed(), shares: [] });
  const group = chosen(again);
  if (group === undefined) return "unknown";
  return group === first ? "server" : "client";
}
