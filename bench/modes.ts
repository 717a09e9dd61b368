import type { Scenario } from "../src/lab.ts";

/** How a handshake may go, as a scenario of the laboratory says it: `resumed` has no certificates, `mutual` two chains. */
export const scenarioOf = {
  full: {},
  resumed: { resume: true },
  mutual: { mutual: true },
  HelloRetryRequest: { retry: true },
} as const satisfies Readonly<Record<string, Pick<Scenario, "mutual" | "resume" | "retry">>>;
export type Mode = keyof typeof scenarioOf;

export const modes = Object.keys(scenarioOf) as readonly Mode[];
