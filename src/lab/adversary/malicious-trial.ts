/** One handshake of the search with a malicious peer: its setting, the mutation, and what the honest end makes of it. */
import type { LinkMaker } from "../../connection/create.ts";
import type { Provider } from "../../crypto/index.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import type { EndPlan } from "../plan/plan.ts";
import { labChain } from "./lab-chain.ts";
import { labRsa } from "./lab-rsa.ts";
import { type Malice, MaliciousLink } from "./malicious.ts";
import { type Known, wronglyAccepted } from "./may-accept.ts";
import { type Draws, mutateSent, Tried } from "./mutate.ts";
import { acceptedServer, type Ends, untypedError } from "./must-not.ts";
import { type AttackScenario, endsOf } from "./scenario.ts";
import { SearchEnds } from "./search-ends.ts";
import {
  chooseHandshake,
  endsOfHandshake,
  type Handshake,
  kindOf,
  offeredSchemes,
  planOf,
} from "./settings.ts";
import type { Step, Unit } from "./step.ts";
import { type Attempt, converse, describeEnd, type Trials } from "./trial.ts";

/** A handshake, and the end of it that is malicious. */
export interface MaliciousSetting extends Handshake {
  readonly malicious: Role;
}

export class MaliciousBench implements Trials<MaliciousSetting> {
  readonly provider: Provider;
  readonly #tried = new Tried();
  readonly #ends: SearchEnds;

  constructor(provider: Provider, ends = new SearchEnds(provider)) {
    this.provider = provider;
    this.#ends = ends;
  }

  choose(roll: Draws): MaliciousSetting {
    return { malicious: endsOf[roll(2)]!, ...chooseHandshake(roll) };
  }

  attempt(setting: MaliciousSetting, given: readonly Step[], roll?: Draws): Attempt {
    const made: Step[] = [];
    let countdown = roll === undefined ? -1 : roll(setting.malicious === "server" ? 8 : 5);
    const improvise = (unit: Unit, nth: number): readonly Step[] => {
      if (roll === undefined) return [];
      if (countdown-- === 0) made.push(mutateSent(unit, nth, roll, this.#tried));
      else return made.filter((step) => step.nth === "every" && step.on === unit.name);
      return made;
    };
    const { malicious, ends } = this.meet(setting, given, improvise);
    const honest = otherRole(setting.malicious);
    return {
      // What cannot be written down was not sent
      steps: malicious.refusal === undefined ? [...given, ...made] : given,
      problem:
        untypedError(honest, ends[honest]) ??
        (honest === "client" ? acceptedServer(ends, setting) : undefined) ??
        wronglyAccepted(ends[honest], malicious.sent, knownTo(honest, malicious, setting)),
      outcome: endsOf.map((role) => describeEnd(ends[role])).join(" | "),
      codes: [ends[honest].error?.code ?? ends[honest].state],
      ends,
    };
  }

  /** One connection; it resumes a session of an honest one, if the setting says so. */
  meet(
    setting: MaliciousSetting,
    steps: readonly Step[],
    improvise?: Malice["improvise"],
  ): { readonly ends: Ends; readonly malicious: MaliciousLink<Role> } {
    const { malicious: role } = setting;
    const plans = endsOfHandshake(setting);
    const psks = kindOf(setting).earlier ? this.#ends.sessionsOf(plans) : [];
    let link: MaliciousLink<Role> | undefined;
    const makeLink: LinkMaker = (options) => {
      const signerOf = signersOf(this.#ends, plans.server);
      const made = new MaliciousLink(options, { steps, signerOf, ...(improvise && { improvise }) });
      link = made;
      return made;
    };
    const own = (end: Role) => (end === role ? { makeLink } : {});
    const ends: Ends = {
      client: this.#ends.client(plans.client, { psks, ...own("client") }),
      server: this.#ends.server(plans.server, own("server")),
    };
    converse(ends, plans);
    return { ends, malicious: link! };
  }

  /** What `kemistry attack` runs. */
  scenarioOf(
    setting: MaliciousSetting,
    steps: readonly Step[],
    does: string,
    name: string,
  ): AttackScenario {
    return {
      name,
      family: "policies",
      does,
      section: "",
      ...planOf(setting),
      keys: "all",
      malicious: setting.malicious,
      steps,
      expect: { client: "open", server: "open" },
    };
  }
}

/** The keys with which a malicious end signs: its own, or one by its name; with RSA by no rule. */
export const signersOf =
  (ends: SearchEnds, { chain, credential = "own" }: EndPlan): Malice["signerOf"] =>
  (from, key) => {
    if (key === undefined && from === "server" && chain !== undefined) {
      return labChain(chain).signer;
    }
    const name = key ?? (from === "client" ? "client" : credential);
    return name === "rsa" ? labRsa.lawless : ends.signerOf(name);
  };

/** What the honest end is and offered. */
export const knownTo = (
  honest: Role,
  malicious: MaliciousLink<Role>,
  setting: MaliciousSetting,
): Known => ({
  plan: endsOfHandshake(setting)[honest],
  offeredSchemes,
  offered: honest === "client" ? malicious.lastHello : undefined,
  provedLater:
    malicious.sent.findIndex(({ type }) => type === "finished") <
    malicious.sent.findIndex(({ type }) => type === "certificate"),
  isOwnKey: (key) => malicious.isOwnKey(key),
});
