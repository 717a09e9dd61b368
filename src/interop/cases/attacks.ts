/** What an attacker on the path does to the shares and the choices of two honest ends, from the adversary's catalogue. */
import { catalogue } from "../../lab/adversary/catalogue/index.ts";
import type { AttackScenario } from "../../lab/adversary/scenario.ts";
import type { AlertName } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { InteropCase } from "../case.ts";

const scenario = (name: string): AttackScenario => {
  const found = catalogue.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the catalogue has no ${name}`);
  return found;
};

/** Which end must notice, and how it says so; an end that reads its peer's share late may speak of a record. */
const refusals: Readonly<Record<string, readonly AlertName[]>> = {
  malformed: ["illegal_parameter"],
};

const share = (name: string, by: Role): InteropCase => {
  const { does, section, both = {}, steps } = scenario(name);
  return {
    name,
    family: "wrong shares",
    does,
    section,
    both: { groups: both.groups ?? [] },
    steps,
    expect: { opened: false, refusedBy: { end: by, alerts: refusals["malformed"]! } },
  };
};

export const wrongShares: readonly InteropCase[] = [
  share("x25519mlkem768-client-non-reduced", "server"),
  share("x25519mlkem768-client-truncate", "server"),
  share("x25519mlkem768-client-zero-classical", "server"),
  share("x25519mlkem768-server-truncate", "client"),
  share("x25519mlkem768-server-zero-classical", "client"),
];

const attacked = (name: string, setup: Pick<InteropCase, "both" | "client" | "server">) => {
  const { does, section, steps } = scenario(name);
  const expect = { opened: false, neverOpens: true } as const;
  return { name, family: "downgrades", does, section, ...setup, steps, expect } as const;
};

const hybrid = "X25519MLKEM768";

export const downgrades: readonly InteropCase[] = [
  attacked("strip-hybrid", {
    client: { groups: [hybrid, "x25519"], shares: [hybrid, "x25519"] },
    server: { groups: [hybrid, "x25519"] },
  }),
  attacked("x25519mlkem768-server-flip-ciphertext", { both: { groups: [hybrid] } }),
  attacked("x25519mlkem768-client-zero-lattice", { both: { groups: [hybrid] } }),
  attacked("answer-unoffered-group", { both: { groups: ["x25519"] } }),
];
