import { groupCategory } from "../../groups/index.ts";
import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";
import { strongest } from "../strength.ts";

/**
 * The peer said which groups it knows: a client in supported_groups, a server, if it likes, in
 * EncryptedExtensions. A stronger one that both know was there to be taken.
 */
export function ledToWeaker({ groups, negotiated }: Facts): Suspicion | undefined {
  if (negotiated === undefined || negotiated.peerGroups.length === 0) return undefined;
  const best = strongest(groups.filter((group) => negotiated.peerGroups.includes(group.code)));
  const taken = strengthOf(groups, negotiated.group);
  if (best === undefined || taken === undefined || groupCategory(best) <= taken) return undefined;
  return {
    severity: taken === 0 ? "warning" : "notice",
    evidence: `both know ${best.name}, ${negotiated.group ?? "a pre-shared key alone"} was taken`,
  };
}

function strengthOf(groups: Facts["groups"], name: string | undefined): number | undefined {
  if (name === undefined) return 0;
  const own = groups.find((group) => group.name === name);
  return own && groupCategory(own);
}
