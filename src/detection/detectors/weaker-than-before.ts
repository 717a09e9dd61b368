import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { namedGroupStrength, schemeStrength, suiteStrength } from "../strength.ts";

/** Suite, signature or ML-KEM's parameters are weaker than those of the last connection. */
export function weakerThanBefore({ role, past, negotiated }: Facts): Finding | undefined {
  const before = past.findLast(({ outcome }) => outcome === "open");
  if (role !== "client" || negotiated === undefined || before === undefined) return undefined;
  const pairs = [
    [suiteStrength, before.cipherSuite, negotiated.cipherSuite],
    [schemeStrength, before.peerSignatureScheme, negotiated.peerSignatureScheme ?? null],
    [namedGroupStrength, before.group, negotiated.group ?? null],
  ] as const;
  const weaker = pairs
    .filter(([strength, old, now]) => (strength(now) ?? Infinity) < (strength(old) ?? 0))
    .map(([, old, now]) => `${old ?? "nothing"} before, ${now ?? "nothing"} now`);
  if (weaker.length === 0) return undefined;
  return { kind: "weaker-than-before", severity: "warning", evidence: weaker.join("; ") };
}
