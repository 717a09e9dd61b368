/** Where scenarios take place: certificates, clocks and randomness that are the same in every run. */
import {
  type ClientOptions,
  type CommonOptions,
  type Connection,
  createClient,
  createServer,
  type ServerOptions,
} from "../../connection/index.ts";
import {
  createNoble,
  type KeyType,
  type Provider,
  type RandomSource,
  seededRandom,
} from "../../crypto/index.ts";
import { MemoryHistory } from "../../detection/index.ts";
import {
  MemoryReplayGuard,
  MemoryTicketStore,
  type OfferedPsk,
  storedTickets,
} from "../../handshake/index.ts";
import {
  createCredential,
  createDevelopmentCa,
  createTrustStore,
  type IssuedCredential,
} from "../../identity/index.ts";
import { fromHex, utf8 } from "../../wire/index.ts";
import type { AttackScenario, EndSetup } from "./scenario.ts";
import type { Role } from "../watch.ts";

/** The time at which scenarios run, in milliseconds since the epoch. */
export const labTime = Date.UTC(2026, 10, 2, 12);
export const labName = "server.example";
export const otherName = "other.example";

/** Makes a provider from a source of randomness. */
export type ProviderMaker = (options: { readonly random: RandomSource }) => Provider;

interface Pki {
  readonly pem: string;
  readonly trust: ClientOptions["trust"];
  readonly server: IssuedCredential;
  readonly client: IssuedCredential;
  readonly others: Readonly<Record<Exclude<EndSetup["credential"], undefined>, IssuedCredential>>;
}

let pki: Pki | undefined;

/** Ed25519: the fastest, and deterministic. */
export function labPki(): Pki {
  if (pki !== undefined) return pki;
  const maker = (seed: string, now = labTime, algorithm: KeyType = "ed25519") =>
    createDevelopmentCa({
      provider: createNoble({ random: seededRandom(seed) }),
      algorithm,
      now,
    });
  const ca = maker("laboratory CA");
  const postQuantum = maker("post-quantum CA", labTime, "ML-DSA-44");
  const server = ca.issue({ names: [labName, "localhost", "127.0.0.1"] });
  const day = 24 * 60 * 60 * 1000;
  pki = {
    pem: `${ca.pem}${postQuantum.pem}`,
    trust: createTrustStore([ca.certificate, postQuantum.certificate]),
    server,
    client: ca.issue({ names: ["client@example.org"], usage: "client" }),
    others: {
      own: server,
      "other-name": ca.issue({ names: [otherName] }),
      "unknown-ca": maker("another CA").issue({ names: [labName] }),
      "post-quantum": postQuantum.issue({ names: [labName] }),
      expired: maker("laboratory CA", labTime - 200 * day).issue({ names: [labName] }),
    },
  };
  return pki;
}

/** What both ends are, where a scenario says nothing else: a hybrid, and x25519 beside it. */
export const standardEnds: EndSetup = { groups: ["X25519MLKEM768", "x25519"] };

export const standardSuites: readonly string[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
];

/** One scenario's ends. Connections that follow one another share the server's state and the client's memory. */
export class Laboratory {
  readonly scenario: AttackScenario;
  readonly #providers: Readonly<Record<Role, Provider>>;
  readonly #history = new MemoryHistory();
  readonly #tickets: ServerOptions["tickets"];
  readonly #guard: MemoryReplayGuard;

  /** @param seed all randomness follows from it */
  constructor(scenario: AttackScenario, makeProvider: ProviderMaker, seed: string) {
    this.scenario = scenario;
    const provider = (role: Role) =>
      makeProvider({ random: seededRandom(`${seed} ${scenario.name} ${role}`) });
    this.#providers = { client: provider("client"), server: provider("server") };
    this.#tickets = storedTickets(new MemoryTicketStore(), this.#providers.server.random);
    this.#guard = new MemoryReplayGuard(() => labTime);
  }

  get providerName(): string {
    return this.#providers.client.name;
  }

  /** The setup of an end: its own, over that of both, over the standard. */
  setupOf(role: Role, earlier?: true | EndSetup): EndSetup {
    const { both, client, server } = this.scenario;
    const own = role === "client" ? client : server;
    return { ...standardEnds, ...both, ...own, ...(typeof earlier === "object" ? earlier : {}) };
  }

  client(setup: EndSetup, keyLog: (line: string) => void, psks: readonly OfferedPsk[]): Connection {
    const external: OfferedPsk[] =
      setup.externalKey === undefined ? [] : [externalPsk(setup.externalKey)];
    return createClient({
      ...this.#common("client", setup, keyLog),
      serverName: setup.serverName ?? labName,
      psks: [...psks, ...external],
      ...(setup.shares === undefined ? {} : { shares: setup.shares }),
      ...(setup.earlyData === undefined ? {} : { earlyData: "safe-to-replay" as const }),
      ...(setup.history ? { history: this.#history } : {}),
      credentials: [this.#bound("client", labPki().client)],
    });
  }

  server(setup: EndSetup, keyLog: (line: string) => void): Connection {
    const { externalKey, earlyData } = setup;
    return createServer({
      ...this.#common("server", setup, keyLog),
      credentials: [this.#bound("server", labPki().others[setup.credential ?? "own"])],
      clientAuthentication: setup.clientAuthentication ?? "none",
      retry: setup.retry ?? "for-post-quantum",
      retryCookie: setup.retryCookie ?? false,
      ...(setup.tickets ? { tickets: this.#tickets! } : {}),
      ...(earlyData === undefined
        ? {}
        : { earlyData: { maxSize: earlyData, replayGuard: this.#guard } }),
      ...(externalKey === undefined ? {} : { lookUpPsk: () => externalPsk(externalKey) }),
    });
  }

  #common(role: Role, setup: EndSetup, keyLog: (line: string) => void): CommonOptions {
    const { clockOffset = 0, grease, middleboxCompatibility, maxFragment, recordSizeLimit } = setup;
    return {
      provider: this.#providers[role],
      trust: labPki().trust!,
      now: () => labTime + clockOffset,
      keyLog,
      ...(setup.groups === undefined ? {} : { groups: setup.groups }),
      suites: setup.suites ?? standardSuites,
      ...(setup.schemes === undefined ? {} : { schemes: setup.schemes }),
      ...(setup.alpn === undefined ? {} : { alpn: setup.alpn }),
      ...(setup.policy === undefined ? {} : { policy: setup.policy }),
      ...(grease === undefined ? {} : { grease }),
      ...(middleboxCompatibility === undefined ? {} : { middleboxCompatibility }),
      ...(maxFragment === undefined ? {} : { maxFragment }),
      ...(recordSizeLimit === undefined ? {} : { recordSizeLimit }),
    };
  }

  /** Each end signs with its own provider. */
  #bound(role: Role, { chain, privateKey }: IssuedCredential) {
    return createCredential({
      certificates: chain,
      privateKey,
      provider: this.#providers[role],
    });
  }
}

const externalPsk = (key: string): OfferedPsk => ({
  identity: utf8("an external key"),
  secret: fromHex(key),
  hash: "sha256",
  kind: "external",
});
