import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";

/** A session is resumed whose key stems from a classical exchange. */
export function classicalResumption({ negotiated }: Facts): Suspicion | undefined {
  const origin = negotiated?.origin;
  if (negotiated?.resumed !== true || origin === undefined || origin.postQuantum) return undefined;
  return {
    // A post-quantum exchange of its own protects the new connection; what it inherits is who the peer is
    severity: negotiated.postQuantum ? "notice" : "warning",
    evidence: `the session began with ${origin.group ?? "a pre-shared key alone"}, and goes on with ${negotiated.group ?? "no exchange of its own"}`,
  };
}
