import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { classicalResumption } from "./classical-resumption.ts";
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
export type Detector = (facts: Facts) => Finding | undefined;

/** One file each. */
export const detectors: readonly Detector[] = [
  sentinel,
  hybridDeclined,
  preferenceDeclined,
  ledToWeaker,
  retryToWeaker,
  continuityLost,
  fallback,
  classicalResumption,
  weakerThanBefore,
  tampered,
];
