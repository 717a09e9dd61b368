/** What a client of the probe offers where it wants to be taken: what the server is known to take. */
import type { ClientOptions } from "../../connection/index.ts";
import type { Group } from "../../groups/index.ts";
import { groupOf } from "../asker.ts";
import type { ServerFacts } from "../facts.ts";
import { codeOf } from "./code-of.ts";

/** The group that a good client and this server come to: a post-quantum one if there is one. */
export function bestGroup({ groups }: ServerFacts): Group {
  const each = groups?.each ?? [];
  const working = each.filter(({ works }) => works === true);
  const from = working.length > 0 ? working : each;
  const best = from.find(({ postQuantum }) => postQuantum) ?? from[0];
  return groupOf(codeOf(best?.name ?? "x25519"));
}

/** The cheapest group that the server takes, for questions about something else. */
export function plainGroup({ groups }: ServerFacts): Group {
  const each = groups?.each.filter(({ works }) => works === true) ?? [];
  const plain = each.find(({ postQuantum }) => !postQuantum) ?? each[0] ?? groups?.each[0];
  return groupOf(codeOf(plain?.name ?? "x25519"));
}

/** Groups and shares of a client that prefers the best exchange. */
export function ordinaryOffer(known: ServerFacts): Pick<ClientOptions, "groups" | "shares"> {
  const best = bestGroup(known);
  const others = (known.groups?.accepted ?? []).filter((name) => name !== best.name);
  return { groups: [best, ...others.map((name) => groupOf(codeOf(name)))], shares: [best] };
}
