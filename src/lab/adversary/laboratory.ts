/** Where scenarios take place: two ends that are the same in every run, and what they have in common. */
import { createClientOver, createServerOver, type LinkMaker } from "../../connection/create.ts";
import type { CommonOptions, Connection } from "../../connection/index.ts";
import { type Provider, type RandomSource, seededRandom } from "../../crypto/index.ts";
import { MemoryHistory } from "../../detection/index.ts";
import {
  type CertificateCompressor,
  importPsk,
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
import { createSigner, type Credential, type LocalSigner } from "../../identity/index.ts";
import { policies } from "../../policy/index.ts";
import { CertificateCompressionAlgorithm } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { equal, fromHex, utf8 } from "../../wire/index.ts";
import { type LabCredential, labName, labPki, labTime } from "./lab-pki.ts";
import { labRsa } from "./lab-rsa.ts";
import type { CredentialName } from "./credential-names.ts";
import type { AttackScenario, EndSetup } from "./scenario.ts";

/** Makes a provider from a source of randomness. */
export type ProviderMaker = (options: { readonly random: RandomSource }) => Provider;

/** What both ends are, where a scenario says nothing else: a hybrid, and x25519 beside it. */
export const standardEnds: EndSetup = { groups: ["X25519MLKEM768", "x25519"] };

export const standardSuites: readonly string[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
];

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
  setupOf(role: Role, earlier?: true | EndSetup): EndSetup {
    const { both, client, server } = this.scenario;
    const own = role === "client" ? client : server;
    return { ...standardEnds, ...both, ...own, ...(typeof earlier === "object" ? earlier : {}) };
  }

  /** With which the adversary signs: for an end, or with the key of that name; as far as it has keys. */
  signerOf(from: Role, key: CredentialName | "client" | undefined): LocalSigner | undefined {
    const { keys } = this.scenario;
    const own = from === "client" ? "client" : (this.setupOf("server").credential ?? "own");
    const name = key ?? own;
    if (name === "client") return keys === "all" ? labPki().client.signer : undefined;
    if (keys !== "all" && keys !== "server") return undefined;
    return name === "rsa" ? labRsa.lawless : labPki().servers[name].signer;
  }

  client(
    setup: EndSetup,
    keyLog: (line: string) => void,
    psks: readonly OfferedPsk[],
    makeLink?: LinkMaker,
  ): Connection {
    const common = this.#common("client", setup, keyLog);
    const relabelled = setup.lax
      ? psks.map((psk) => ({ ...psk, ...this.#fitting(psk, setup) }))
      : psks;
    const options = {
      ...common,
      serverName: setup.serverName ?? labName,
      psks: [...relabelled, ...this.#externalKeys("client", setup)],
      postHandshakeAuthentication: setup.laterRequests !== undefined,
      ...(setup.shares === undefined ? {} : { shares: setup.shares }),
      ...(setup.earlyData === undefined ? {} : { earlyData: "safe-to-replay" as const }),
      ...(setup.history ? { history: this.#history } : {}),
      ...(setup.rawKeys ? { trustedKeys: [labPki().servers["raw-key"].rawPublicKey!.spki] } : {}),
      credentials: setup.anonymous ? [] : [this.#signing("client", labPki().client)],
    };
    return createClientOver(options, makeLink);
  }

  server(setup: EndSetup, keyLog: (line: string) => void, makeLink?: LinkMaker): Connection {
    const { earlyData, credential = "own", preference, tickets } = setup;
    const keys = this.#externalKeys("server", setup);
    const { stored, sealed, guard } = this.#state;
    const own = tickets === "sealed" ? sealed : stored;
    const options = {
      ...this.#common("server", setup, keyLog),
      credentials: [this.#signing("server", labPki().servers[credential])],
      clientAuthentication: setup.clientAuthentication ?? "none",
      retry: setup.retry ?? "for-post-quantum",
      retryCookie: setup.retryCookie ?? false,
      ...(preference === undefined
        ? {}
        : { suitePreference: preference, groupPreference: preference }),
      ...(tickets ? { tickets: setup.lax ? this.#laxTickets(own, setup) : own } : {}),
      ...(earlyData === undefined ? {} : { earlyData: { maxSize: earlyData, replayGuard: guard } }),
      ...(keys.length === 0 ? {} : { lookUpPsk: (identity: Uint8Array) => find(keys, identity) }),
    };
    return createServerOver(options, makeLink);
  }

  #common(role: Role, setup: EndSetup, keyLog: (line: string) => void): CommonOptions {
    const { grease, middleboxCompatibility, maxFragment, recordSizeLimit, policy } = setup;
    return {
      provider: this.#providers[role],
      trust: labPki().trust,
      now: () => nowOf(setup),
      keyLog,
      ...(setup.groups === undefined ? {} : { groups: setup.groups }),
      suites: setup.suites ?? standardSuites,
      ...(setup.schemes === undefined ? {} : { schemes: setup.schemes }),
      ...(setup.certificateSchemes === undefined
        ? {}
        : { certificateSchemes: setup.certificateSchemes }),
      ...(setup.alpn === undefined ? {} : { alpn: setup.alpn }),
      ...(policy === undefined
        ? {}
        : {
            policy:
              typeof policy === "string"
                ? policy
                : { ...policies.compatible, name: "of the scenario", ...policy },
          }),
      ...(grease === undefined ? {} : { grease }),
      ...(middleboxCompatibility === undefined ? {} : { middleboxCompatibility }),
      ...(maxFragment === undefined ? {} : { maxFragment }),
      ...(recordSizeLimit === undefined ? {} : { recordSizeLimit }),
      ...(setup.allowPskOnly ? { allowPskOnly: true } : {}),
      ...(setup.compression ? { certificateCompression: [uncompressing] } : {}),
    };
  }

  /** Each end signs with its own provider, where that signs the same in every run. */
  #signing(role: Role, { privateKey, ...credential }: LabCredential): Credential {
    if (privateKey === undefined) return credential;
    return { ...credential, signer: createSigner(privateKey, this.#providers[role]) };
  }

  #externalKeys(role: Role, { externalKey, keyContext }: EndSetup): readonly OfferedPsk[] {
    if (externalKey === undefined) return [];
    const [identity, secret] = [utf8("an external key"), fromHex(externalKey)];
    if (keyContext === undefined) return [{ identity, secret, hash: "sha256", kind: "external" }];
    const external = { identity, secret, context: utf8(keyContext) };
    return [importPsk(this.#providers[role], external, "sha256")];
  }

  /** Takes what a session was made for to be what this connection is. */
  #fitting({ origin }: Psk, setup: EndSetup): { origin?: SessionOrigin } {
    if (origin === undefined) return {};
    const { client } = this.scenario;
    const serverName = client?.serverName ?? setup.serverName ?? labName;
    const now = nowOf(setup);
    return { origin: { ...origin, serverName, issuedAt: now, authenticatedAt: now } };
  }

  #laxTickets(tickets: Tickets, setup: EndSetup): Tickets {
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

const nowOf = ({ clockOffset = 0 }: EndSetup): number => labTime + clockOffset;

const find = (keys: readonly OfferedPsk[], identity: Uint8Array): OfferedPsk | undefined =>
  keys.find((key) => equal(key.identity, identity));

/** Says what it is given, as zlib's name: what is compressed is a matter of the other end alone. */
const uncompressing: CertificateCompressor = {
  algorithm: CertificateCompressionAlgorithm.zlib,
  compress: (data) => data,
  decompress(data, maxLength) {
    if (data.length > maxLength) throw new RangeError("it is longer than it says");
    return data;
  },
};
