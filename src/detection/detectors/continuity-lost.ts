import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";

/** How long a post-quantum connection is held against a peer: 90 days, in milliseconds. */
export const continuityPeriod = 90 * 24 * 60 * 60 * 1000;

/**
 * The idea of draft-sheffer-tls-pqc-continuity, for key exchange and from the client's memory alone: who
 * was post-quantum once does not become classical without a reason that its operator could name.
 */
export function continuityLost({ role, now, past, negotiated }: Facts): Suspicion | undefined {
  if (role !== "client" || negotiated === undefined || negotiated.postQuantum) return undefined;
  const before = past.findLast(
    ({ outcome, category, at }) =>
      outcome === "open" && category > 0 && now - at < continuityPeriod,
  );
  if (before === undefined) return undefined;
  return {
    severity: "alarm",
    evidence: `${before.group ?? "a post-quantum exchange"} on ${new Date(before.at).toISOString()}, now ${negotiated.group ?? "a pre-shared key alone"}`,
  };
}
