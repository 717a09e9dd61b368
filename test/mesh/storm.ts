/**
 * Everything that happens to fleets: ticket keys are rotated, agents are revoked, the authority is killed, the root is
 * rolled, the token with its key goes away.
 */
import { type Fleet, type FleetOptions, type FleetOutcome, runFleet } from "./fleet.ts";

export interface StormOptions extends Omit<FleetOptions, "keysInToken"> {
  /** Seconds for which the authority is dead. */
  readonly outage: number;
  /** Agents that are revoked. */
  readonly revoked: number;
}

export const runStorm = ({ outage, revoked, ...options }: StormOptions): Promise<FleetOutcome> =>
  runFleet({ ...options, keysInToken: true }, async (fleet: Fleet, at) => {
    await at(0.1);
    fleet.say("ticket keys are rotated");
    fleet.tell({ type: "rotate" });
    for (let each = 0; each < revoked; each++) {
      await at(0.2 + (0.15 * each) / revoked);
      await fleet.revoke(each);
    }
    await at(0.4);
    await fleet.killAuthority(outage);
    await at(0.55);
    await fleet.rollRoot();
    await at(0.8);
    await fleet.loseToken();
  });
