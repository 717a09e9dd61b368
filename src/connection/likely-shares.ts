/**
 * Which shares a client sends with its first ClientHello. A server that takes no hybrid asks for another share by a
 * HelloRetryRequest, and early data is lost with it (RFC 9846 §4.2.4): at every connection, if nobody remembers. So the
 * share that the server took last goes along; but a weaker one never alone, so that a server which has become better
 * need not ask for more.
 */
import type { ConnectionHistory } from "../detection/index.ts";
import { type Group, groupCategory } from "../groups/index.ts";
import type { OfferedPsk } from "../handshake/index.ts";

interface Known {
  /** Sessions that are offered. */
  readonly psks: readonly OfferedPsk[];
  readonly history: ConnectionHistory | undefined;
  /** Under which the history has the server. */
  readonly key: string | undefined;
}

/** @param groups that are offered, best first */
export function likelyShares(groups: readonly Group[], known: Known): readonly Group[] {
  const [first] = groups;
  const name = groupTaken(known);
  const taken = groups.find((group) => group.name === name);
  if (first === undefined || taken === undefined || taken === first) return groups.slice(0, 1);
  return groupCategory(taken) >= groupCategory(first) ? [taken] : [first, taken];
}

/** What the server took when the session began, or at the last connection that was open. */
function groupTaken({ psks, history, key }: Known): string | undefined {
  const session = psks.find(({ origin }) => origin?.group !== undefined);
  if (session !== undefined) return session.origin?.group;
  const past = key === undefined ? [] : (history?.recall(key) ?? []);
  return (
    past.findLast(({ outcome, group }) => outcome === "open" && group !== null)?.group ?? undefined
  );
}
