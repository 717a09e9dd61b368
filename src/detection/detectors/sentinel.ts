import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";

/** RFC 9846 §4.2.3: a server that knows TLS 1.3 was led to an older version. */
export function sentinel({ error }: Facts): Finding | undefined {
  if (error?.code !== "downgrade") return undefined;
  return {
    kind: "sentinel",
    severity: "alarm",
    evidence: `the server answered ${error.detail.received ?? "an older version"}, and its random says that it speaks TLS 1.3`,
  };
}
