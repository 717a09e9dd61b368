import { continuitySection } from "../../extensions/index.ts";
import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";

/**
 * A server that had promised post-quantum certificates, or claims to, showed others: its operator broke the promise,
 * or somebody stands in its place (draft-sheffer-tls-pqc-continuity-02 §3.2). Only a client that keeps promises fails so.
 */
export function commitmentBroken({ role, error }: Facts): Suspicion | undefined {
  if (role !== "client" || error?.code !== "certificate_unknown") return undefined;
  const { section = "", received = "another certificate" } = error.detail;
  if (!section.startsWith(continuitySection)) return undefined;
  return {
    severity: "alarm",
    evidence: `post-quantum certificates were promised, now ${received}`,
  };
}
