/** One handshake of the search with a malicious peer: its setting, the mutation, and what the honest end makes of it. */
import type { LinkMaker } from "../../connection/create.ts";
import type { Both } from "../../connection/pump.ts";
import { groups } from "../../groups/index.ts";
import type { Provider } from "../../crypto/index.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import type { CredentialName } from "../plan/credential-names.ts";
import type { EndPlan } from "../plan/plan.ts";
import { labRsa } from "./lab-rsa.ts";
import { setupOf } from "./laboratory.ts";
import { type Malice, MaliciousLink } from "./malicious.ts";
import { type Known, wronglyAccepted } from "./may-accept.ts";
import { type Draws, mutateSent, Tried } from "./mutate.ts";
import { type Ends, untypedError } from "./must-not.ts";
import { type AttackScenario, endsOf } from "./scenario.ts";
import { SearchEnds } from "./search-ends.ts";
import type { Step, Unit } from "./step.ts";
import { type Attempt, converse, describeEnd, retried, type Trials } from "./trial.ts";

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
  readonly #ends: SearchEnds;

  constructor(provider: Provider, ends = new SearchEnds(provider)) {
    this.provider = provider;
    this.#ends = ends;
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
    const { malicious, ends } = this.meet(setting, given, improvise);
    const honest = otherRole(setting.malicious);
    return {
      // What cannot be written down was not sent
      steps: malicious.refusal === undefined ? [...given, ...made] : given,
      problem:
        untypedError(honest, ends[honest]) ??
        wronglyAccepted(ends[honest], malicious.sent, knownTo(honest, malicious)),
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
    const { malicious: role, credential } = setting;
    const plans = this.plansOf(setting);
    const psks = resumes(setting) ? this.#ends.sessionsOf(plans) : [];
    let link: MaliciousLink<Role> | undefined;
    const makeLink: LinkMaker = (options) => {
      const signerOf = signersOf(this.#ends, credential);
      const made = new MaliciousLink(options, { steps, signerOf, ...(improvise && { improvise }) });
      link = made;
      return made;
    };
    const own = (end: Role) => (end === role ? { makeLink } : {});
    const ends: Ends = {
      client: this.#ends.client(plans.client, { psks, ...own("client") }),
      server: this.#ends.server(plans.server, own("server")),
    };
    converse(ends, setting);
    return { ends, malicious: link! };
  }

  plansOf(setting: MaliciousSetting): Both<EndPlan> {
    const scenario = this.scenarioOf(setting, [], "", "search");
    return { client: setupOf(scenario, "client"), server: setupOf(scenario, "server") };
  }

  /** What `kemistry attack` runs. */
  scenarioOf(
    setting: MaliciousSetting,
    steps: readonly Step[],
    does: string,
    name: string,
  ): AttackScenario {
    const { malicious, group, retry, begin, updateKeys, credential } = setting;
    const early = begin === "early" ? { earlyData: 1000 } : {};
    const later = begin === "later" ? { laterRequests: 1 } : {};
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
      client: {
        ...(retry ? retried(group) : { groups: [group] }),
        ...early,
        ...later,
      },
      server: {
        groups: [group],
        tickets: "sealed",
        credential,
        clientAuthentication: begin === "mutual" ? "require" : "none",
        ...early,
        ...later,
      },
      ...(resumes(setting) ? { earlier: true } : {}),
      keys: "all",
      malicious,
      steps,
      expect: { client: "open", server: "open" },
    };
  }
}

const resumes = ({ begin }: MaliciousSetting): boolean => begin === "resumed" || begin === "early";

/** The keys with which a malicious end signs: its own, or one by its name; with RSA by no rule. */
export const signersOf =
  (ends: SearchEnds, credential: CredentialName): Malice["signerOf"] =>
  (from, key) => {
    const name = key ?? (from === "client" ? "client" : credential);
    return name === "rsa" ? labRsa.lawless : ends.signerOf(name);
  };

/** What the honest end offered. */
export const knownTo = (honest: Role, malicious: MaliciousLink<Role>): Known => ({
  offeredSchemes,
  offered: honest === "client" ? malicious.lastHello : undefined,
  provedLater:
    malicious.sent.findIndex(({ type }) => type === "finished") <
    malicious.sent.findIndex(({ type }) => type === "certificate"),
  isOwnKey: (key) => malicious.isOwnKey(key),
});
