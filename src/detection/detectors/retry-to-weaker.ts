import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { groupStrength, strongest } from "../strength.ts";

/** A HelloRetryRequest asked for a group that is weaker than one whose share was there. */
export function retryToWeaker({ groups, shares, negotiated }: Facts): Finding | undefined {
  if (negotiated?.retried !== true) return undefined;
  const sent = strongest(shares);
  const taken = groups.find(({ name }) => name === negotiated.group);
  if (sent === undefined || taken === undefined) return undefined;
  if (groupStrength(taken) >= groupStrength(sent)) return undefined;
  return {
    kind: "retry-to-weaker",
    severity: "warning",
    evidence: `a HelloRetryRequest led from a share of ${sent.name} to ${taken.name}`,
  };
}
