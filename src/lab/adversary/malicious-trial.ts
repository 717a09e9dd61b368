/** One handshake of the search with a malicious peer: its setting, the mutation, and what the honest end makes of it. */
import { groups } from "../../groups/index.ts";
import type { Provider } from "../../crypto/index.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import { labPki } from "./lab-pki.ts";
import { Laboratory } from "./laboratory.ts";
import type { MaliciousLink } from "./malicious.ts";
import { type Known, wronglyAccepted } from "./may-accept.ts";
import { Conversation, type ConversationTerms } from "./conversation.ts";
import { type Draws, mutateSent, Tried } from "./mutate.ts";
import { untypedError } from "./must-not.ts";
import { type AttackScenario, endsOf } from "./scenario.ts";
import type { Step, Unit } from "./step.ts";
import { type Attempt, describeEnd, type Trials } from "./trial.ts";

/** Two ends, one of which is malicious. */
export interface MaliciousSetting {
  readonly malicious: Role;
  readonly group: string;
  readonly retry: boolean;
  /** Who proves what: the server, both ends, a session, a session with 0-RTT data, the client later. */
  readonly begin: "certificate" | "mutual" | "resumed" | "early" | "later";
  /** Each end changes its keys before its data. */
  readonly updateKeys: boolean;
  readonly credential: "own" | "ecdsa" | "rsa";
}

/** What both ends offer: not all that they could, so that there is something that was not offered. */
export const offeredSchemes: readonly string[] = [
  "ed25519",
  "ecdsa_secp256r1_sha256",
  "rsa_pss_rsae_sha256",
  "rsa_pss_rsae_sha512",
];
const alpn = ["h2", "http/1.1"];

export class MaliciousBench implements Trials<MaliciousSetting> {
  readonly provider: Provider;
  readonly #tried = new Tried();

  constructor(provider: Provider) {
    this.provider = provider;
    // Made once, and slow
    labPki();
  }

  choose(roll: Draws): MaliciousSetting {
    return {
      malicious: endsOf[roll(2)]!,
      group: roll(6) === 0 ? (groups[roll(groups.length)]?.name ?? "x25519") : "x25519",
      retry: roll(5) === 0,
      begin: (["mutual", "resumed", "early", "later"] as const)[roll(8)] ?? "certificate",
      updateKeys: roll(8) === 0,
      // One with several schemes, more slowly; one that is not the key's type
      credential: (["rsa", "rsa", "rsa", "ecdsa", "ecdsa"] as const)[roll(20)] ?? "own",
    };
  }

  attempt(setting: MaliciousSetting, given: readonly Step[], roll?: Draws): Attempt {
    const made: Step[] = [];
    let countdown = roll === undefined ? -1 : roll(setting.malicious === "server" ? 6 : 3);
    const improvise = (unit: Unit, nth: number): readonly Step[] => {
      if (roll === undefined) return [];
      if (countdown-- === 0) made.push(mutateSent(unit, nth, roll, this.#tried));
      else return made.filter((step) => step.nth === "every" && step.on === unit.name);
      return made;
    };
    const conversation = this.meet(setting, given, improvise);
    const { malicious, ends } = conversation;
    const honest = otherRole(setting.malicious);
    return {
      // What cannot be written down was not sent
      steps: malicious?.refusal === undefined ? [...given, ...made] : given,
      problem:
        untypedError(honest, ends[honest]) ??
        (malicious && wronglyAccepted(ends[honest], malicious.sent, knownTo(honest, malicious))),
      outcome: endsOf.map((role) => describeEnd(ends[role])).join(" | "),
      codes: [ends[honest].error?.code ?? ends[honest].state],
      ends,
    };
  }

  /** One connection, after the one whose session it resumes. */
  meet(
    setting: MaliciousSetting,
    steps: readonly Step[],
    improvise?: ConversationTerms["improvise"],
  ): Conversation {
    const scenario = this.scenarioOf(setting, steps, "", "search");
    const laboratory = new Laboratory(scenario, () => this.provider, "search");
    const terms = { laboratory, onlookers: {} };
    const before: Conversation | undefined =
      scenario.earlier &&
      new Conversation({ ...terms, steps: [], connection: 0, earlier: true }).run();
    return new Conversation({ ...terms, steps, connection: 1, before, improvise }).run();
  }

  /** What `kemistry attack` runs. */
  scenarioOf(
    setting: MaliciousSetting,
    steps: readonly Step[],
    does: string,
    name: string,
  ): AttackScenario {
    const { malicious, group, retry, begin, updateKeys, credential } = setting;
    const resumes = begin === "resumed" || begin === "early";
    const early = begin === "early" ? { earlyData: 1000 } : {};
    const later = begin === "later" ? { laterRequests: 1 } : {};
    const other = group === "secp256r1" ? "x25519" : "secp256r1";
    return {
      name,
      family: "policies",
      does,
      section: "",
      both: {
        schemes: offeredSchemes,
        alpn,
        recordSizeLimit: 2 ** 14 + 1,
        ...(updateKeys ? { updateKeys } : {}),
      },
      client: { groups: retry ? [other, group] : [group], ...early, ...later },
      server: {
        groups: [group],
        tickets: true,
        credential,
        clientAuthentication: begin === "mutual" ? "require" : "none",
        ...early,
        ...later,
      },
      ...(resumes ? { earlier: true } : {}),
      keys: "all",
      malicious,
      steps,
      expect: { client: "open", server: "open" },
    };
  }
}

/** What the honest end offered. */
export const knownTo = (honest: Role, malicious: MaliciousLink<Role>): Known => ({
  offeredSchemes,
  offered: honest === "client" ? malicious.lastHello : undefined,
});
