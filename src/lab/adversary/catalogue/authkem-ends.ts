/** The ends of scenarios of AuthKEM, and what their attacks have in common. */
import type { Agreement, AttackScenario } from "../scenario.ts";

const family = "authentication by KEM";
/** What the client knows the server by. */
export const byKem: Partial<Agreement> = { signature: "kem_mlkem768" };

/** The server has a key that encapsulates, and both ends take such. */
export const one: Pick<AttackScenario, "both" | "server"> = {
  both: { authKem: true },
  server: { chain: ["ML-KEM-768", "ed25519"] },
};
/** The client has one too. */
export const mutual: Pick<AttackScenario, "both" | "server"> = {
  ...one,
  server: { ...one.server, clientAuthentication: "require" },
};

type Attack = Pick<AttackScenario, "name" | "does" | "section" | "steps" | "expect"> &
  Partial<Pick<AttackScenario, "keys" | "malicious" | "earlier" | "client">> & {
    readonly ends?: Pick<AttackScenario, "both" | "server" | "client">;
  };

export const attack = ({ ends = one, ...rest }: Attack): AttackScenario => ({
  family,
  ...ends,
  ...rest,
});
