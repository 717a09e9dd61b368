import { groupCategory } from "../../groups/index.ts";
import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";
import { strongest } from "../strength.ts";

/** A HelloRetryRequest asked for a group that is weaker than one whose share was there. */
export function retryToWeaker({ groups, shares, negotiated }: Facts): Suspicion | undefined {
  if (negotiated?.retried !== true) return undefined;
  const sent = strongest(shares);
  const taken = groups.find(({ name }) => name === negotiated.group);
  if (sent === undefined || taken === undefined) return undefined;
  if (groupCategory(taken) >= groupCategory(sent)) return undefined;
  return {
    severity: "warning",
    evidence: `a HelloRetryRequest led from a share of ${sent.name} to ${taken.name}`,
  };
}
