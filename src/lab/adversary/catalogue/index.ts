import type { AttackScenario } from "../scenario.ts";
import { authentication } from "./authentication.ts";
import { groupAttacks } from "./groups.ts";
import { hybridParts } from "./hybrid-parts.ts";
import { middleboxes } from "./middleboxes.ts";
import { policyAttacks } from "./policies.ts";
import { records } from "./records.ts";
import { resumption } from "./resumption.ts";
import { retries } from "./retries.ts";
import { transcript } from "./transcript.ts";
import { versions } from "./versions.ts";

/** All scenarios, by family. Names are unique. */
export const catalogue: readonly AttackScenario[] = [
  ...versions,
  ...groupAttacks,
  ...hybridParts,
  ...retries,
  ...transcript,
  ...authentication,
  ...resumption,
  ...records,
  ...middleboxes,
  ...policyAttacks,
];
