import type { ProbeFinding, ProbeReport, ProbeSeverity } from "./facts.ts";

/** What a finding costs of a hundred. */
export const pointsOff: Readonly<Record<ProbeSeverity, number>> = {
  critical: 60,
  serious: 15,
  minor: 5,
  note: 0,
};

/** A hundred, less what each finding costs; never less than nothing. */
export const scoreOf = (findings: readonly ProbeFinding[]): number =>
  Math.max(
    0,
    findings.reduce((score, { severity }) => score - pointsOff[severity], 100),
  );

/** Ready: nothing critical and nothing serious. Not ready: something critical. */
export function verdictOf(findings: readonly ProbeFinding[]): ProbeReport["verdict"] {
  const has = (wanted: ProbeSeverity): boolean =>
    findings.some(({ severity }) => severity === wanted);
  if (has("critical")) return "not ready";
  return has("serious") ? "ready, with faults" : "ready";
}
