import type { Negotiated } from "../handshake/index.ts";
import { detectors } from "./detectors/index.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";

/** All that the detectors have to say of a connection. */
export const detect = (facts: Facts): Finding[] =>
  detectors.flatMap((detector) => detector(facts) ?? []);

/**
 * Both ends opened: do they believe the same? Finished makes sure of it (RFC 9846 §4.5.3), so a
 * difference means that somebody has the keys. Only a laboratory sees both ends.
 */
export function compareEnds(client: Negotiated, server: Negotiated): Finding | undefined {
  const fields = ["cipherSuite", "group", "retried", "resumed", "alpn", "serverName"] as const;
  const different = fields.filter((field) => client[field] !== server[field]);
  if (different.length === 0) return undefined;
  const sides = different.map(
    (field) => `${field}: client ${String(client[field])}, server ${String(server[field])}`,
  );
  return { kind: "ends-disagree", severity: "alarm", evidence: sides.join("; ") };
}
