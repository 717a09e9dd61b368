/** Where scenarios take place: two ends that are the same in every run, and what they have in common. */
import { createClientOver, createServerOver, type LinkMaker } from "../../connection/create.ts";
import type { Connection } from "../../connection/index.ts";
import { type Provider, type RandomSource, seededRandom } from "../../crypto/index.ts";
import { MemoryHistory } from "../../detection/index.ts";
import {
  MemoryContinuityCache,
  MemoryReplayGuard,
  MemoryTicketStore,
  type OfferedPsk,
  type Psk,
  sealedTickets,
  type SessionOrigin,
  storedTickets,
  TicketKeys,
  type Tickets,
} from "../../handshake/index.ts";
import {
  createSigner,
  type Credential,
  type LocalSigner,
  type TrustStore,
} from "../../identity/index.ts";
import type { Role } from "../../schedule/index.ts";
import { clientHoldings, type Holder, serverHoldings, trustWith } from "./holdings.ts";
import { labChain } from "./lab-chain.ts";
import { credentialNamed, labName, labPki, labTime } from "./lab-pki.ts";
import { labRsa } from "./lab-rsa.ts";
import type { CredentialName } from "../plan/credential-names.ts";
import type { AttackScenario } from "./scenario.ts";
import { clientOptions, serverOptions } from "../plan/end-options.ts";
import { type EndPlan, endPlanOf, type Plan } from "../plan/plan.ts";

/** Makes a provider from a source of randomness. */
export type ProviderMaker = (options: { readonly random: RandomSource }) => Provider;

export const standardSuites: readonly string[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
];

/** What both ends are, where a scenario says nothing else: a hybrid, and x25519 beside it. */
export const standardEnds: EndPlan = {
  groups: ["X25519MLKEM768", "x25519"],
  suites: standardSuites,
};

/** What an end is in a scenario: what both are, over the standard, and what it is alone. */
export const setupOf = (scenario: Omit<Plan, "name">, role: Role): EndPlan => ({
  ...standardEnds,
  ...endPlanOf(scenario, role),
});

/** What a server keeps from one connection to the next. */
interface ServerState {
  readonly stored: Tickets;
  readonly sealed: Tickets;
  readonly guard: MemoryReplayGuard;
}

/** One scenario's ends. Connections that follow one another share the server's state and the client's memory. */
export class Laboratory {
  readonly scenario: AttackScenario;
  readonly #providers: Readonly<Record<Role, Provider>>;
  readonly #history = new MemoryHistory();
  readonly #promises = new MemoryContinuityCache();
  #state: ServerState;

  /** @param seed all randomness follows from it */
  constructor(scenario: AttackScenario, makeProvider: ProviderMaker, seed: string) {
    this.scenario = scenario;
    const provider = (role: Role) =>
      makeProvider({ random: seededRandom(`${seed} ${scenario.name} ${role}`) });
    this.#providers = { client: provider("client"), server: provider("server") };
    const { server } = this.#providers;
    this.#state = {
      stored: storedTickets(new MemoryTicketStore(), server.random),
      sealed: sealedTickets(new TicketKeys(server)),
      guard: new MemoryReplayGuard(() => labTime),
    };
  }

  get providerName(): string {
    return this.#providers.client.name;
  }

  /** Servers are others from now on: they open the same tickets, and know of no early data. */
  useServer(which: NonNullable<AttackScenario["replayTo"]>): void {
    const began = which === "another server" ? labTime : labTime + 1;
    this.#state = { ...this.#state, guard: new MemoryReplayGuard(() => began) };
  }

  /** The setup of an end: its own, over that of both, over the standard. */
  setupOf(role: Role, earlier?: true | EndPlan): EndPlan {
    const own = setupOf(this.scenario, role);
    return typeof earlier === "object" ? { ...own, ...earlier } : own;
  }

  /** With which the adversary signs: for an end, or with the key of that name; as far as it has keys. */
  signerOf(from: Role, key: CredentialName | "client" | undefined): LocalSigner | undefined {
    const { keys } = this.scenario;
    const { chain, credential = "own" } = this.setupOf("server");
    const name = key ?? (from === "client" ? "client" : credential);
    if (name === "client") return keys === "all" ? labPki().client.signer : undefined;
    if (keys !== "all" && keys !== "server") return undefined;
    if (key === undefined && chain !== undefined) return labChain(chain).signer;
    return name === "rsa" ? labRsa.lawless : labPki().servers[name].signer;
  }

  client(
    setup: EndPlan,
    keyLog: (line: string) => void,
    psks: readonly OfferedPsk[],
    makeLink?: LinkMaker,
  ): Connection {
    const { psks: keys, ...held } = clientHoldings(setup, this.#holderOf("client"));
    const offered = setup.lax
      ? psks.map((psk) => ({ ...psk, ...this.#fitting(psk, setup) }))
      : psks;
    const options = clientOptions(setup, {
      ...this.#parts("client", setup, keyLog),
      ...held,
      psks: [...offered, ...keys],
      history: this.#history,
      pqcContinuity: { cache: this.#promises },
    });
    return createClientOver(options, makeLink);
  }

  server(setup: EndPlan, keyLog: (line: string) => void, makeLink?: LinkMaker): Connection {
    const { stored, sealed, guard } = this.#state;
    const own = setup.tickets === "sealed" ? sealed : stored;
    const options = serverOptions(setup, {
      ...this.#parts("server", setup, keyLog),
      ...serverHoldings(setup, this.#holderOf("server")),
      tickets: setup.lax ? this.#laxTickets(own, setup) : own,
      replayGuard: guard,
    });
    return createServerOver(options, makeLink);
  }

  #parts(role: Role, setup: EndPlan, keyLog: (line: string) => void) {
    const trust = this.#trust;
    return { provider: this.#providers[role], trust, now: () => nowOf(setup), keyLog };
  }

  /** The laboratory's authorities, and the roots of the chains of this scenario. */
  get #trust(): TrustStore {
    const { earlier } = this.scenario;
    const servers = [this.setupOf("server"), this.setupOf("server", earlier)];
    return trustWith([...servers.map(({ chain }) => chain), this.setupOf("client").storedKey]);
  }

  /** Each end signs with its own provider, where that signs the same in every run. */
  #holderOf(role: Role): Holder {
    const provider = this.#providers[role];
    const credentialOf = (name: CredentialName | "client"): Credential => {
      const { privateKey, ...credential } = credentialNamed(name);
      if (privateKey === undefined) return credential;
      return { ...credential, signer: createSigner(privateKey, provider) };
    };
    return { provider, credentialOf };
  }

  /** Takes what a session was made for to be what this connection is. */
  #fitting({ origin }: Psk, setup: EndPlan): { origin?: SessionOrigin } {
    if (origin === undefined) return {};
    const { client } = this.scenario;
    const serverName = client?.serverName ?? setup.serverName ?? labName;
    const now = nowOf(setup);
    return { origin: { ...origin, serverName, issuedAt: now, authenticatedAt: now } };
  }

  #laxTickets(tickets: Tickets, setup: EndPlan): Tickets {
    return {
      ...tickets,
      redeem: (ticket) => {
        const psk = tickets.redeem(ticket);
        if (psk instanceof Promise || psk === undefined) return psk;
        return { ...psk, ...this.#fitting(psk, setup) };
      },
    };
  }
}

const nowOf = ({ clockOffset = 0 }: EndPlan): number => labTime + clockOffset;
