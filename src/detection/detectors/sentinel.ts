import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";

/** RFC 9846 §4.2.3: a server that knows TLS 1.3 was led to an older version. */
export function sentinel({ error }: Facts): Suspicion | undefined {
  if (error?.code !== "downgrade") return undefined;
  return {
    severity: "alarm",
    evidence: `the server answered ${error.detail.received ?? "an older version"}, and its random says that it speaks TLS 1.3`,
  };
}
