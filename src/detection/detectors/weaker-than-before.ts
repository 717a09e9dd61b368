import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";
import type { PastConnection } from "../history.ts";
import { categoryOf, schemeStrength, suiteStrength } from "../strength.ts";
import { continuityPeriod } from "./continuity-lost.ts";

/**
 * Suite, signature, ML-KEM's parameters or application protocol are weaker than the strongest of the
 * connections that are remembered: to weaken a peer in two steps is not quieter than in one.
 */
export function weakerThanBefore(facts: Facts): Suspicion | undefined {
  const { role, now, past, groups, alpn, suites, knownSchemes, negotiated } = facts;
  if (role !== "client" || negotiated === undefined) return undefined;
  const before = past.filter(
    ({ outcome, at }) => outcome === "open" && now - at < continuityPeriod,
  );
  if (before.length === 0) return undefined;
  const current: Measured = {
    group: negotiated.group ?? null,
    category: categoryOf(groups.filter(({ name }) => name === negotiated.group)),
    cipherSuite: negotiated.cipherSuite,
    keyBits: suiteStrength(suites, negotiated.cipherSuite),
    peerSignatureScheme: negotiated.peerSignatureScheme ?? null,
    signatureStrength: schemeStrength(knownSchemes, negotiated.peerSignatureScheme ?? null),
    alpn: negotiated.alpn ?? null,
  };
  const weaker = measuresOf(alpn).flatMap(([field, strength]) => {
    const limit = strength(current) ?? Infinity;
    const better = before.findLast((entry) => (strength(entry) ?? 0) > limit);
    return better === undefined
      ? []
      : [`${better[field] ?? "nothing"} before, ${current[field] ?? "nothing"} now`];
  });
  if (weaker.length === 0) return undefined;
  return { severity: "warning", evidence: weaker.join("; ") };
}

interface Measured extends Pick<
  PastConnection,
  "group" | "category" | "cipherSuite" | "peerSignatureScheme" | "alpn"
> {
  readonly keyBits?: number | undefined;
  readonly signatureStrength?: number | undefined;
}
type Measure = readonly [
  field: "group" | "cipherSuite" | "peerSignatureScheme" | "alpn",
  strength: (entry: Measured) => number | undefined,
];

/** Of two protocols that we still offer, the one that we put first is the better. */
const measuresOf = (offered: readonly string[]): readonly Measure[] => [
  ["cipherSuite", ({ keyBits }) => keyBits],
  ["peerSignatureScheme", ({ signatureStrength }) => signatureStrength],
  ["group", ({ group, category }) => (group === null ? undefined : category)],
  ["alpn", ({ alpn }) => offered.toReversed().indexOf(alpn ?? "") + 1],
];
