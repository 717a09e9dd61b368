import { isPostQuantum } from "../../groups/index.ts";
import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";

/** The client offered a post-quantum exchange, and got none. */
export function hybridDeclined({ role, groups, negotiated }: Facts): Suspicion | undefined {
  if (role !== "client" || negotiated === undefined || negotiated.postQuantum) return undefined;
  const offered = groups.filter(isPostQuantum);
  if (offered.length === 0) return undefined;
  return {
    severity: "warning",
    evidence: `${offered.map(({ name }) => name).join(", ")} offered, ${negotiated.group ?? "a pre-shared key alone"} taken`,
  };
}
