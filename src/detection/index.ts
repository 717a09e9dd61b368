export { compareEnds, detect } from "./detect.ts";
export { continuityPeriod } from "./detectors/continuity-lost.ts";
export { fallbackPeriod } from "./detectors/fallback.ts";
export { type Detector, detectors } from "./detectors/index.ts";
export type { Facts, Offered } from "./facts.ts";
export {
  describeFinding,
  type Finding,
  type FindingKind,
  findingKinds,
  type Severity,
  type Suspicion,
} from "./finding.ts";
export { type ConnectionHistory, MemoryHistory, type PastConnection } from "./history.ts";
export { categoryOf, schemeStrength, suiteStrength } from "./strength.ts";
