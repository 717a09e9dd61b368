/** Where scenarios take place: two ends that are the same in every run, and what they have in common. */
import { createClientOver, createServerOver, type LinkMaker } from "../../connection/create.ts";
import type { Connection } from "../../connection/index.ts";
import { type Provider, type RandomSource, seededRandom } from "../../crypto/index.ts";
import { MemoryHistory } from "../../detection/index.ts";
import {
  importPsk,
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
  createTrustStore,
  type Credential,
  type LocalSigner,
  type TrustStore,
} from "../../identity/index.ts";
import type { Role } from "../../schedule/index.ts";
import { equal, fromHex, utf8 } from "../../wire/index.ts";
import { labChain } from "./lab-chain.ts";
import { type LabCredential, labName, labPki, labTime } from "./lab-pki.ts";
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
    const offered = setup.lax
      ? psks.map((psk) => ({ ...psk, ...this.#fitting(psk, setup) }))
      : psks;
    const options = clientOptions(setup, {
      ...this.#parts("client", setup, keyLog),
      serverName: labName,
      psks: [...offered, ...this.#externalKeys("client", setup)],
      ...(setup.storedKey && { storedKey: labChain(setup.storedKey).credential }),
      history: this.#history,
      pqcContinuity: { cache: this.#promises },
      ...(setup.rawKeys && {
        trustedKeys: [labPki().servers["raw-key"].rawPublicKey!.spki],
      }),
      credentials: [
        ...(setup.authKem ? [labPki().kemClient] : []),
        this.#signing("client", labPki().client),
      ],
    });
    return createClientOver(options, makeLink);
  }

  server(setup: EndPlan, keyLog: (line: string) => void, makeLink?: LinkMaker): Connection {
    const keys = this.#externalKeys("server", setup);
    const { stored, sealed, guard } = this.#state;
    const own = setup.tickets === "sealed" ? sealed : stored;
    const options = serverOptions(setup, {
      ...this.#parts("server", setup, keyLog),
      credentials: [this.#shownBy(setup)],
      tickets: setup.lax ? this.#laxTickets(own, setup) : own,
      replayGuard: guard,
      ...(keys.length === 0 ? {} : { lookUpPsk: (identity: Uint8Array) => find(keys, identity) }),
    });
    return createServerOver(options, makeLink);
  }

  #parts(role: Role, setup: EndPlan, keyLog: (line: string) => void) {
    const trust = this.#trust;
    return { provider: this.#providers[role], trust, now: () => nowOf(setup), keyLog };
  }

  /** What a server has to show. */
  #shownBy({ chain, credential = "own" }: EndPlan): Credential {
    if (chain !== undefined) return labChain(chain).credential;
    return this.#signing("server", labPki().servers[credential]);
  }

  /** The laboratory's authorities, and the roots of the chains of this scenario. */
  get #trust(): TrustStore {
    const { earlier } = this.scenario;
    const { storedKey } = this.setupOf("client");
    const chains = [this.setupOf("server").chain, this.setupOf("server", earlier).chain, storedKey];
    const roots = chains.flatMap((chain) => (chain === undefined ? [] : [labChain(chain).root]));
    const { trust } = labPki();
    return roots.length === 0 ? trust : createTrustStore([...trust.anchors, ...roots]);
  }

  /** Each end signs with its own provider, where that signs the same in every run. */
  #signing(role: Role, { privateKey, ...credential }: LabCredential): Credential {
    if (privateKey === undefined) return credential;
    return { ...credential, signer: createSigner(privateKey, this.#providers[role]) };
  }

  #externalKeys(role: Role, { externalKey, keyContext }: EndPlan): readonly OfferedPsk[] {
    if (externalKey === undefined) return [];
    const [identity, secret] = [utf8("an external key"), fromHex(externalKey)];
    if (keyContext === undefined) return [{ identity, secret, hash: "sha256", kind: "external" }];
    const external = { identity, secret, context: utf8(keyContext) };
    return [importPsk(this.#providers[role], external, "sha256")];
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

const find = (keys: readonly OfferedPsk[], identity: Uint8Array): OfferedPsk | undefined =>
  keys.find((key) => equal(key.identity, identity));
