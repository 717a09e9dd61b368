import { continuitySection } from "../../extensions/index.ts";
import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";
import type { Detector } from "./index.ts";

/**
 * A server that had promised post-quantum certificates, or claims to, showed others: its operator broke the promise,
 * or somebody stands in its place (draft-sheffer-tls-pqc-continuity-02 §3.2). Asked where a client keeps promises.
 */
export const commitmentBroken: Detector = {
  kind: "commitment-broken",
  detect({ role, error }: Facts): Suspicion | undefined {
    if (role !== "client" || error?.code !== "certificate_unknown") return undefined;
    const { section = "", received = "another certificate" } = error.detail;
    if (!section.startsWith(continuitySection)) return undefined;
    return {
      severity: "alarm",
      evidence: `post-quantum certificates were promised, now ${received}`,
    };
  },
};
