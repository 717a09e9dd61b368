import type { Negotiated } from "../handshake/index.ts";
import { type Detector, detectors } from "./detectors/index.ts";
import type { Facts } from "./facts.ts";
import type { Finding, Severity, Suspicion } from "./finding.ts";

/** All that the detectors have to say of a connection, the caller's own last. */
export const detect = (facts: Facts, own: readonly Detector[] = []): Finding[] =>
  [...detectors, ...own].flatMap(({ kind, detect: look }) => {
    const suspicion = suspicionOf(look, facts);
    return suspicion === undefined ? [] : [{ kind, ...suspicion }];
  });

/** A detector that cannot do its work is an alarm of its kind: it must not pass for one that found nothing. */
function suspicionOf(look: Detector["detect"], facts: Facts): Suspicion | undefined {
  try {
    const answer: unknown = look(facts);
    if (answer === undefined) return undefined;
    const { severity, evidence } = answer as Suspicion;
    if (severities.includes(severity) && typeof evidence === "string") {
      return { severity, evidence };
    }
    return alarm("it gives neither undefined nor { severity, evidence }");
  } catch (cause) {
    return alarm(cause instanceof Error ? cause.message : String(cause));
  }
}

const severities: readonly Severity[] = ["notice", "warning", "alarm"];
const alarm = (reason: string): Suspicion => ({
  severity: "alarm",
  evidence: `the detector failed: ${reason}`,
});

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
