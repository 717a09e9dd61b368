import type { AttackScenario } from "../scenario.ts";
import { authentication } from "./authentication.ts";
import { authKem } from "./authkem.ts";
import { complete } from "./complete.ts";
import { continuity } from "./continuity.ts";
import { delegation } from "./delegation.ts";
import { extensions } from "./extensions.ts";
import { fallbacks } from "./fallback.ts";
import { groupAttacks } from "./groups.ts";
import { hybridParts } from "./hybrid-parts.ts";
import { impostors } from "./impostors.ts";
import { later } from "./later.ts";
import { long } from "./long.ts";
import { maliciousPeers } from "./malicious-peers.ts";
import { middleboxes } from "./middleboxes.ts";
import { policyAttacks } from "./policies.ts";
import { records } from "./records.ts";
import { resumption } from "./resumption.ts";
import { retries } from "./retries.ts";
import { serverKey } from "./server-key.ts";
import { sessions } from "./sessions.ts";
import { signatures } from "./signatures.ts";
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
  ...impostors,
  ...signatures,
  ...delegation,
  ...authKem,
  ...continuity,
  ...resumption,
  ...sessions,
  ...later,
  ...records,
  ...long,
  ...extensions,
  ...middleboxes,
  ...policyAttacks,
  ...fallbacks,
  ...serverKey,
  ...maliciousPeers,
].map(complete);
