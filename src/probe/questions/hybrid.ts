import { NamedGroup } from "../../registry/index.ts";
import { describeAnswer, groupName } from "../answer.ts";
import { groupOf } from "../asker.ts";
import type { HybridFacts } from "../facts.ts";
import { question, unlessGroups } from "../question.ts";
import { codeOf } from "./code-of.ts";

/** Whether a client comes to a post-quantum exchange: with its share in the hello, and without it. */
export const hybrid = question({
  name: "hybrid",
  title: "is the exchange hybrid at once, or by a retry",
  unless: unlessGroups,
  async ask(asker, { groups }): Promise<HybridFacts> {
    const name = groups?.each.find(({ postQuantum }) => postQuantum)?.name;
    const group = name === undefined ? NamedGroup.X25519MLKEM768 : codeOf(name);
    const other = groups?.each.find(({ postQuantum }) => !postQuantum)?.name;
    const classical = other === undefined ? NamedGroup.x25519 : codeOf(other);
    const offered = [group, classical];
    const withShare = await asker.hello({ groups: offered, shares: asker.shares(...offered) });
    const withoutShare = await asker.hello({ groups: offered, shares: asker.shares(classical) });
    const atOnce = withShare.kind === "server_hello" && withShare.share?.group === group;
    const byRetry = withoutShare.kind === "retry" && withoutShare.group === group;
    return {
      group: name ?? null,
      withShare: describeAnswer(withShare),
      withoutShare: describeAnswer(withoutShare),
      mode: atOnce ? (byRetry ? "at once, or by retry" : "at once") : byRetry ? "by retry" : "not",
      retryWorks: await retry(),
    };

    async function retry(): Promise<true | string> {
      const target = groupOf(name === undefined ? classical : group);
      const { failure, negotiated } = await asker.handshake({ groups: [target], shares: [] });
      if (failure !== undefined) return failure;
      return negotiated?.retried === true ? true : `no retry for ${groupName(target.code)}`;
    }
  },
});
