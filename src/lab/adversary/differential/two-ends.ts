/** The same malicious peer twice: with an honest end of ours, and with OpenSSL in its place. */
import { connect, createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { LinkMaker } from "../../../connection/create.ts";
import { type Both, pumpAsync } from "../../../connection/pump.ts";
import type { Connection } from "../../../connection/index.ts";
import type { Provider } from "../../../crypto/index.ts";
import type { OfferedPsk } from "../../../handshake/index.ts";
import { otherRole, type Role } from "../../../schedule/index.ts";
import { equal } from "../../../wire/index.ts";
import type { EndPlan } from "../../plan/plan.ts";
import { messageOf } from "../conversation.ts";
import { labName, labPki } from "../lab-pki.ts";
import { setupOf, standardSuites } from "../laboratory.ts";
import { type Malice, MaliciousLink, type SentMessage } from "../malicious.ts";
import { changesOf } from "../may-accept.ts";
import { MaliciousBench, type MaliciousSetting, signersOf } from "../malicious-trial.ts";
import { type Draws, mutateSent, Tried } from "../mutate.ts";
import type { AttackScenario } from "../scenario.ts";
import { kept, SearchEnds } from "../search-ends.ts";
import { type KindName, offeredSchemes } from "../settings.ts";
import type { Step } from "../step.ts";
import { type HonestEnd, OurEnd } from "./honest-end.ts";
import { NodeTlsEnd } from "./node-tls-end.ts";

/** What an honest end did with what it was told. */
export interface Reaction {
  /** The alert that it sent, `told` and the alert that it was sent, `closed`, `waiting`, or `open` with what was agreed. */
  readonly outcome: string;
  /** Its handshake was over before. */
  readonly hasOpened: boolean;
}

/** One mutation, and what both honest ends did. */
export interface Pair {
  readonly steps: readonly Step[];
  /** What the malicious end said to ours. */
  readonly sent: readonly SentMessage[];
  readonly ours: Reaction;
  readonly openssl: Reaction;
}

/** What clients resume by: ours, malicious or not, and OpenSSL's. */
interface Sessions {
  readonly ours: OfferedPsk | undefined;
  readonly theirs: Buffer | undefined;
}

type Implementation = "ours" | "openssl";

/** What one connection came to. */
interface Met {
  readonly reaction: Reaction;
  readonly sent: readonly SentMessage[];
  readonly sessions: Sessions;
}

const classical = ["x25519", "secp256r1", "x448", "secp384r1", "secp521r1"];
const postQuantum = [
  "X25519MLKEM768",
  "SecP256r1MLKEM768",
  "SecP384r1MLKEM1024",
  "MLKEM512",
  "MLKEM768",
  "MLKEM1024",
];

/**
 * Groups that the OpenSSL of this Node.js has, too: those with ML-KEM from 3.5 on. To try them would leave an error in
 * OpenSSL's queue, which Node.js then takes for one of the next key that is read.
 */
export const commonGroups: readonly string[] = hasMlKem()
  ? [...classical, ...postQuantum]
  : classical;

/** `node:tls` has neither 0-RTT data nor authentication after the handshake, nor what OpenSSL has of the rest. */
const commonKinds: readonly KindName[] = ["certificate", "mutual", "resumed", "ecdsa", "rsa"];

function hasMlKem(): boolean {
  const [major = 0, minor = 0] = process.versions.openssl.split(".").map(Number);
  return major > 3 || (major === 3 && minor >= 5);
}

export class TwoEnds {
  readonly provider: Provider;
  readonly #bench: MaliciousBench;
  readonly #ends: SearchEnds;
  readonly #tried = new Tried();
  readonly #contexts = new Map<string, SecureContext>();
  /** Each resumes again and again. */
  readonly #sessions = new Map<string, Sessions>();

  constructor(provider: Provider) {
    this.provider = provider;
    this.#bench = new MaliciousBench(provider);
    this.#ends = new SearchEnds(provider);
  }

  /** One that both can have. */
  choose(roll: Draws): MaliciousSetting {
    const { kind, group, ...setting } = this.#bench.choose(roll);
    return {
      ...setting,
      kind: commonKinds.includes(kind) ? kind : "certificate",
      group: commonGroups.includes(group) ? group : "x25519",
    };
  }

  /**
   * Both handshakes with these steps, and with draws one more, which is made up for our end and repeated for OpenSSL.
   * `undefined` where it cannot be carried out.
   */
  async attempt(
    setting: MaliciousSetting,
    given: readonly Step[],
    roll?: Draws,
  ): Promise<Pair | undefined> {
    const made: Step[] = [];
    let countdown = roll === undefined ? -1 : roll(setting.malicious === "server" ? 6 : 3);
    const improvise: Malice["improvise"] = (unit, nth) => {
      if (roll === undefined) return [];
      if (countdown-- === 0) made.push(mutateSent(unit, nth, roll, this.#tried));
      else return made.filter((step) => step.nth === "every" && step.on === unit.name);
      return made;
    };
    const ours = await this.#meet("ours", setting, { steps: given, improvise });
    if (ours === undefined) return undefined;
    const steps = [...given, ...made];
    const openssl = await this.#meet("openssl", setting, { steps });
    // A byte that is counted from the beginning is another one where tickets are longer
    if (openssl === undefined || fieldsOf(ours.sent) !== fieldsOf(openssl.sent)) return undefined;
    return { steps, sent: ours.sent, ours: ours.reaction, openssl: openssl.reaction };
  }

  /** What `kemistry attack` runs, at an end of ours. */
  scenarioOf(
    setting: MaliciousSetting,
    steps: readonly Step[],
    does: string,
    name: string,
  ): AttackScenario {
    const scenario = this.#bench.scenarioOf(setting, steps, does, name);
    // OpenSSL 3.5 does not have record_size_limit
    const { recordSizeLimit: _, ...both } = scenario.both ?? {};
    return { ...scenario, both };
  }

  /** Sessions of an honest connection with that implementation. */
  async #sessionsOf(which: Implementation, setting: MaliciousSetting): Promise<Sessions> {
    const key = JSON.stringify([which, setting]);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const met = await this.#meet(which, { ...setting, kind: "certificate" }, { steps: [] });
    const sessions = met?.sessions ?? { ours: undefined, theirs: undefined };
    this.#sessions.set(key, sessions);
    return sessions;
  }

  async #meet(
    which: Implementation,
    setting: MaliciousSetting,
    malice: Omit<Malice, "signerOf">,
  ): Promise<Met | undefined> {
    const { malicious: role, kind, updateKeys } = setting;
    const plans = this.#plansOf(setting);
    const resumed = kind === "resumed" ? await this.#sessionsOf(which, setting) : undefined;
    const psks = resumed?.ours === undefined ? [] : [resumed.ours];
    const make = (end: Role, makeLink?: LinkMaker) =>
      end === "client"
        ? this.#ends.client(plans.client, { psks, makeLink })
        : this.#ends.server(plans.server, { makeLink });
    let link: MaliciousLink<Role> | undefined;
    const end = make(role, (options) => {
      const made = new MaliciousLink(options, {
        ...malice,
        signerOf: signersOf(this.#ends, plans.server),
      });
      link = made;
      return made;
    });
    const honest: HonestEnd<OfferedPsk | Buffer> =
      which === "ours"
        ? new OurEnd(make(otherRole(role)))
        : this.#openssl(plans, setting, resumed?.theirs);
    const own = new OurEnd(end);
    await converse(role, { own, end, honest, updateKeys });
    const reaction = reactionOf(end, honest, messageOf[role]);
    honest.destroy();
    // Nothing was sent that anybody can judge
    const isBroken = end.error?.code === "internal" || end.error?.code === "misuse";
    if (link === undefined || link.refusal !== undefined || isBroken) return undefined;
    if (link.unapplied.length > 0) return undefined;
    const session = role === "client" ? own.session : honest.session;
    return {
      reaction,
      sent: link.sent,
      sessions: Buffer.isBuffer(session)
        ? { ours: undefined, theirs: session }
        : { ours: session, theirs: undefined },
    };
  }

  #plansOf(setting: MaliciousSetting): Both<EndPlan> {
    const scenario = this.scenarioOf(setting, [], "", "differential");
    return { client: setupOf(scenario, "client"), server: setupOf(scenario, "server") };
  }

  #openssl(plans: Both<EndPlan>, setting: MaliciousSetting, session?: Buffer): NodeTlsEnd {
    const { malicious, kind } = setting;
    const { alpn = [] } = plans[malicious];
    const honest = otherRole(malicious);
    const secureContext = this.#contextOf(plans[honest], honest);
    const common = { secureContext, ALPNProtocols: [...alpn] };
    return new NodeTlsEnd((pipe) =>
      malicious === "server"
        ? connect({
            ...common,
            socket: pipe,
            servername: labName,
            // Node.js judges the path when the handshake is over
            rejectUnauthorized: false,
            ...(session === undefined ? {} : { session }),
          })
        : new TLSSocket(pipe, {
            ...common,
            isServer: true,
            requestCert: kind === "mutual",
            rejectUnauthorized: kind === "mutual",
          }),
    );
  }

  #contextOf(plan: EndPlan, role: Role): SecureContext {
    const { groups: names = [], suites = standardSuites, credential = "own" } = plan;
    return kept(this.#contexts, JSON.stringify([role, names, credential]), () => {
      const { client, servers, pem } = labPki();
      const own = role === "client" ? client : servers[credential];
      return createSecureContext({
        key: own.privateKeyPem,
        cert: own.certificatePem,
        ca: pem,
        minVersion: "TLSv1.3",
        ciphers: suites.join(":"),
        ecdhCurve: names.join(":"),
        sigalgs: offeredSchemes.join(":"),
      });
    });
  }
}

/** What was changed, by name. */
const fieldsOf = (sent: readonly SentMessage[]): string =>
  sent
    .flatMap(changesOf)
    .map(({ type, path }) => `${type} ${path}`)
    .join();

interface Talk {
  /** The malicious end, and its connection. */
  readonly own: OurEnd;
  readonly end: Connection;
  readonly honest: HonestEnd<unknown>;
  readonly updateKeys: boolean;
}

/** Both say something when they may; the malicious one changes its keys before, if it is to. */
async function converse(role: Role, { own, end, honest, updateKeys }: Talk): Promise<void> {
  const ends =
    role === "client" ? { client: own, server: honest } : { client: honest, server: own };
  const spoken = new Set<unknown>();
  const idle = (): boolean => {
    const before = spoken.size;
    if (!spoken.has(own) && end.state === "open") {
      spoken.add(own);
      if (updateKeys) end.updateKeys();
      own.say(messageOf[role]);
    }
    if (!spoken.has(honest) && honest.say(messageOf[otherRole(role)])) spoken.add(honest);
    return spoken.size > before;
  };
  await pumpAsync(ends, { rounds: 400, idle });
}

/** What the malicious end can say of the honest one, and what that one says of itself. */
function reactionOf(
  { error, negotiated }: Connection,
  { hasOpened, hasFailed, alert, received }: HonestEnd<unknown>,
  expected: Uint8Array,
): Reaction {
  const outcome = (): string => {
    // What it sent behind a flight that the malicious end could not read
    if (alert !== undefined) return alert;
    if (error?.code === "peer_alert") {
      return /alert (\S+)/.exec(error.detail.received ?? "")?.[1] ?? "an alert";
    }
    if (error !== undefined) return `told ${error.alert}`;
    if (hasFailed) return "closed";
    if (!hasOpened) return "waiting";
    const { cipherSuite, group, alpn, resumed, signatureScheme } = negotiated ?? {};
    const by = resumed ? "a session" : (signatureScheme ?? "nothing");
    const heard = equal(received, expected) ? "" : ", without data";
    return `open with ${cipherSuite}, ${group}, ${alpn ?? "no protocol"}, ${by}${heard}`;
  };
  return { outcome: outcome(), hasOpened };
}
