import type { Facts } from "../facts.ts";
import type { FindingKind, Suspicion } from "../finding.ts";
import { classicalResumption } from "./classical-resumption.ts";
import { commitmentBroken } from "./commitment-broken.ts";
import { continuityLost } from "./continuity-lost.ts";
import { fallback } from "./fallback.ts";
import { hybridDeclined } from "./hybrid-declined.ts";
import { ledToWeaker } from "./led-to-weaker.ts";
import { preferenceDeclined } from "./preference-declined.ts";
import { retryToWeaker } from "./retry-to-weaker.ts";
import { sentinel } from "./sentinel.ts";
import { tampered } from "./tampered.ts";
import { weakerThanBefore } from "./weaker-than-before.ts";

/** Looks at the facts of a connection, and says what is not as it should be. */
export interface Detector {
  /** What it finds: for logs, and for `refuse` of a policy. */
  readonly kind: string;
  /** Answers at once. */
  readonly detect: (facts: Facts) => Suspicion | undefined;
}

/** One file each. */
export const detectors: readonly (Detector & { readonly kind: FindingKind })[] = [
  { kind: "sentinel", detect: sentinel },
  { kind: "hybrid-declined", detect: hybridDeclined },
  { kind: "preference-declined", detect: preferenceDeclined },
  { kind: "led-to-weaker", detect: ledToWeaker },
  { kind: "retry-to-weaker", detect: retryToWeaker },
  { kind: "continuity-lost", detect: continuityLost },
  { kind: "commitment-broken", detect: commitmentBroken },
  { kind: "fallback", detect: fallback },
  { kind: "classical-resumption", detect: classicalResumption },
  { kind: "weaker-than-before", detect: weakerThanBefore },
  { kind: "tampered", detect: tampered },
];
