/** The cases, family by family. */
import type { InteropCase } from "./case.ts";
import { authentication } from "./cases/authentication.ts";
import { downgrades, wrongShares } from "./cases/attacks.ts";
import { extensions, later, onTheWire } from "./cases/connection.ts";
import { groupCases, retries } from "./cases/groups.ts";
import { resumption } from "./cases/resumption.ts";

export const cases: readonly InteropCase[] = [
  ...groupCases,
  ...retries,
  ...resumption,
  ...authentication,
  ...extensions,
  ...later,
  ...onTheWire,
  ...wrongShares,
  ...downgrades,
];
