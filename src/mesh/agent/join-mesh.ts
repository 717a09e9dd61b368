/**
 * An agent's part in a mesh: it enrols once, renews by itself, follows what counts and what is revoked, and gives
 * servers and clients that know all that.
 */
import { EventEmitter } from "node:events";
import type { RequestListener } from "node:http";
import { allow, type Authorize, type Rule } from "../../authorization/index.ts";
import type { KeyType } from "../../crypto/index.ts";
import { native } from "../../crypto/native.ts";
import { sealedTickets, TicketKeys } from "../../handshake/index.ts";
import {
  CertificateCache,
  type CertificateInput,
  createTrustStore,
  keyTypeNames,
} from "../../identity/index.ts";
import { checkPolicy, type Policy, type PolicyName } from "../../policy/index.ts";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import { Renewer, validityOf } from "../../rotation/index.ts";
import type { HttpsAgent, HttpsServer, TlsServer, TlsSocket } from "../../transport/node/index.ts";
import { toHex } from "../../wire/index.ts";
import { refusalIn } from "./client.ts";
import {
  clientOf,
  domainOf,
  enrolAt,
  identityOf,
  type Identity,
  makeRequest,
  verifyAuthority,
  verifyByToken,
} from "./enrol.ts";
import { FollowedDomain, learn, verifyAll } from "./followed.ts";
import {
  type MeshAgentOptions,
  type MeshConnectOptions,
  type MeshHttpsServerOptions,
  type MeshServerOptions,
  Sockets,
} from "./sockets.ts";
import { readState, writeState } from "./state.ts";

/** Who an agent is, where its authority is, and what it and others may do. */
export interface MeshOptions {
  /** `https://<host>:<port>`; of several the next is asked where one fails. */
  readonly authority: string | readonly string[];
  /** Who this agent is: a SPIFFE ID that is registered at the authority. */
  readonly id: string;
  /** Who may call whom, for both roles; or a function that decides. */
  readonly rules: readonly Rule[] | Authorize;
  /**
   * Lets it enrol, once: as `kemistry authority token` prints it. Absent: it has enrolled already (`file`), or asks to be
   * approved (`trust`).
   */
  readonly token?: string;
  /** The roots that the authority must have, where there is no token that says so: PEM or DER. */
  readonly trust?: CertificateInput;
  /**
   * A file for its key, its certificates and what it has heard, which only its owner reads: with it a restart needs
   * no token, and no authority. Default: all is in memory.
   */
  readonly file?: string;
  /** Of its keys. Default: `secp256r1`. */
  readonly algorithm?: KeyType;
  /** Milliseconds between two looks at bundle and lists. Default: 10 000. */
  readonly poll?: number;
  /** Milliseconds without one that succeeded after which it is `stale`. Default: three times `poll`. */
  readonly staleAfter?: number;
  /** The part of a certificate's life after which it is renewed, 0 to 1. Default: 2/3. */
  readonly renewAfter?: number;
  /** Milliseconds for enrolment; somebody may have to approve it. Default: 60 000. */
  readonly timeout?: number;
  /** Milliseconds for which tickets are sealed under one key; tickets live as long. Default: half an hour. */
  readonly ticketKeyLifetime?: number;
  /** What connections may come to. Default: `require-post-quantum`. */
  readonly policy?: PolicyName | Policy;
  /**
   * Other trust domains, by name, whose agents the rules may let in (SPIFFE Federation §5.2): their bundles and lists
   * are followed like one's own, from the bundle that is given here. Default: none.
   */
  readonly federated?: Readonly<Record<string, FederatedDomain>>;
}

/** Another trust domain. */
export interface FederatedDomain {
  /** `https://<host>:<port>` of its authority; of several the next is asked where one fails. */
  readonly authority: string | readonly string[];
  /** Its bundle, as JSON: what `kemistry authority bundle` prints there, brought by somebody whom one trusts. */
  readonly bundle: string;
}

const meshTable = {
  authority: check.nameOr(check.text, check.listOf(check.text, 1)),
  id: check.text,
  rules: check.either(Array.isArray, check.listOf(check.like("a rule", "from")), check.callable),
  token: check.text,
  trust: check.nameOr(check.text, check.like("PEM or DER", "length")),
  file: check.text,
  algorithm: check.oneOf(...keyTypeNames),
  poll: check.number(100, 2 ** 31 - 1, " milliseconds"),
  staleAfter: check.number(100, Infinity, " milliseconds"),
  renewAfter: check.number(0, 1),
  timeout: check.number(1, 2 ** 31 - 1, " milliseconds"),
  ticketKeyLifetime: check.number(1000, 2 ** 31 - 1, " milliseconds"),
  policy: checkPolicy,
  federated: check.like("domains by their names"),
} satisfies check.OptionTable<MeshOptions>;
const optionTable = check.complete(meshTable, "write { authority, id, rules, token }", [
  "authority",
  "id",
  "rules",
]);

const checkFederated = check.complete(
  {
    authority: meshTable.authority,
    bundle: check.text,
  } satisfies check.OptionTable<FederatedDomain>,
  "write { authority, bundle }",
  ["authority", "bundle"],
);

/** What an agent can come to do otherwise while it runs: see {@link Mesh.update}. */
export type MeshChanges = Partial<Pick<MeshOptions, "rules" | "algorithm" | "policy">>;

const changeTable = {
  rules: meshTable.rules,
  algorithm: meshTable.algorithm,
  policy: meshTable.policy,
} satisfies check.OptionTable<MeshChanges>;

/** Milliseconds that a look at bundle and lists may take. */
const patience = 20_000;

/** How an agent is. */
export interface Health {
  /**
   * `expired`: its certificate has ended, and peers refuse it. `stale`: it has not heard for long what is revoked.
   * `revoked`: its own certificate is.
   */
  readonly state: "ok" | "stale" | "expired" | "revoked";
  readonly id: string;
  /** Hexadecimal. */
  readonly serial: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly notAfter: number;
  /** When bundle and lists were last heard of. */
  readonly heardAt: number | undefined;
  /** The last failure since then, of polling or renewal. */
  readonly failure: string | undefined;
}

/** Events, and what listeners are given. */
export interface MeshEvents {
  /** It has a new certificate. */
  renewed: [{ readonly serial: string; readonly notAfter: number }];
  /** Connections were ended since their peers are revoked, or may do no more what they do. */
  revoked: [{ readonly connections: readonly TlsSocket[] }];
  /** Its own certificate is revoked: nobody will speak to it. */
  outcast: [];
  /** It has not heard for long what is revoked; `fresh` when it has. */
  stale: [{ readonly since: number }];
  fresh: [];
  /** A renewal or a look at the lists has failed, and is repeated. */
  failed: [{ readonly what: "renewal" | "poll"; readonly error: unknown }];
}

/**
 * Enrols, or goes on with what the file holds, and follows the authority from then on.
 * @throws TlsError `access_denied` if the authority refuses, `unknown_ca` if it is another one; TypeError, RangeError or
 *   TlsError `misuse` for options that cannot work
 */
export async function joinMesh(options: MeshOptions): Promise<Mesh> {
  optionTable(options, "joinMesh");
  const { id, file, token, timeout = 60_000, algorithm = "secp256r1" } = options;
  const domain = domainOf(id);
  const places = [options.authority].flat();
  const home = new FollowedDomain({ domain, authority: places });
  const { knowledge } = home;
  const domains = [home, ...federatedDomains(options, domain)] as const;
  const policy = options.policy ?? "require-post-quantum";
  const common = { provider: native, policy, cache: new CertificateCache() };
  const state = file === undefined ? undefined : readState(file);
  if (state !== undefined) {
    knowledge.learnBundle(state.bundle);
    knowledge.learnLists(state.lists);
    for (const each of domains.slice(1)) each.knowledge.goOn(state.federated?.[each.domain]);
    return new Mesh(options, { domains, identity: identityOf(id, state, native) });
  }
  if (token === undefined && options.trust === undefined) {
    throw new TlsError("misuse", "joinMesh: nothing says which authority is the right one", {
      expected: "`token`, or `trust` with its roots",
    });
  }
  const verifyServer =
    token === undefined
      ? verifyAuthority(domain, createTrustStore(options.trust!))
      : verifyByToken(domain, token);
  const client = clientOf(places, { ...common, verifyServer, keepAlive: true });
  try {
    const signal = AbortSignal.timeout(timeout);
    const request = makeRequest(id, algorithm, native);
    const chain = await enrolAt(client, request, { token, signal });
    await learn(client, knowledge, signal);
    return new Mesh(options, { domains, identity: request.complete(chain) });
  } finally {
    client.close();
  }
}

/** An agent that has joined. */
export class Mesh extends EventEmitter<MeshEvents> {
  readonly id: string;
  #options: MeshOptions & Required<Pick<MeshOptions, "algorithm" | "policy">>;
  readonly #home: FollowedDomain;
  readonly #foreign: readonly FollowedDomain[];
  #identity: Identity;
  readonly #sockets: Sockets;
  readonly #tickets = new TicketKeys(native, 2);
  readonly #renewer: Renewer<Identity>;
  readonly #ending = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #heardAt: number | undefined;
  #isStale = false;
  #isOutcast = false;
  #failure: string | undefined;
  readonly #began = Date.now();

  /** @internal made by {@link joinMesh}. `domains`: its own first */
  constructor(
    options: MeshOptions,
    { domains, identity }: { readonly domains: Domains; readonly identity: Identity },
  ) {
    super();
    const { id, rules, poll = 10_000, ticketKeyLifetime = 1_800_000 } = options;
    this.id = id;
    this.#options = { algorithm: "secp256r1", policy: "require-post-quantum", ...options };
    [this.#home, ...this.#foreign] = domains;
    this.#identity = identity;
    const cache = new CertificateCache();
    const { verify, revocation } = verifyAll(domains, cache);
    const common = {
      provider: native,
      policy: this.#options.policy,
      authorize: asQuestion(rules),
      credentials: [identity.credential],
      trust: this.#home.knowledge.trust,
      revocation,
      cache,
    } as const;
    const lifetime = Math.ceil(ticketKeyLifetime / 1000);
    this.#sockets = new Sockets({
      client: { ...common, verifyServer: verify },
      server: {
        ...common,
        verifyClient: verify,
        clientAuthentication: "require",
        tickets: sealedTickets(this.#tickets, { lifetime }),
      },
    });
    for (const each of domains) each.use(this.#options.policy);
    this.#renewer = new Renewer(identity, {
      obtain: (current, signal) => this.#obtain(current, signal),
      install: (next) => this.#install(next),
      validity: ({ credential }) => validityOf(credential),
      ...(options.renewAfter === undefined ? {} : { after: options.renewAfter }),
      shortestDelay: 500,
      onEvent: (event) => {
        if (event.type === "failed") this.#failed("renewal", event.error);
      },
    });
    this.#save();
    this.#timers.push(
      setInterval(() => this.rotateTicketKeys(), ticketKeyLifetime).unref(),
      setTimeout(() => void this.#follow(), poll * Math.random() * 0.5).unref(),
    );
  }

  /** A server for agents that the rules allow. It is as `createServer` makes it, without what the mesh owns. */
  createServer(options: MeshServerOptions = {}, listener?: (socket: TlsSocket) => void): TlsServer {
    return this.#sockets.server(options, listener);
  }

  /** An HTTPS server for agents that the rules allow; `request.socket.peerRole` is what the rules call the client. */
  httpsServer(options: MeshHttpsServerOptions = {}, listener?: RequestListener): HttpsServer {
    return this.#sockets.httpsServer(options, listener);
  }

  /** For `http.request({ protocol: "https:", agent, … })`: a pool of connections, to one agent or to any. */
  agent(options: MeshAgentOptions = {}): HttpsAgent {
    return this.#sockets.agent(options);
  }

  /** One connection. */
  connect(options: MeshConnectOptions): TlsSocket {
    return this.#sockets.connect(options);
  }

  health(): Health {
    const { chain } = this.#identity.credential;
    const notAfter = validityOf(this.#identity.credential).notAfter;
    const state = this.#isOutcast
      ? "revoked"
      : notAfter < Date.now()
        ? "expired"
        : this.#isStale
          ? "stale"
          : "ok";
    return {
      state,
      id: this.id,
      serial: toHex(chain[0]!.serialNumber),
      notAfter,
      heardAt: this.#heardAt,
      failure: this.#failure,
    };
  }

  /** Renews now; `failed` tells if it does not succeed. */
  async renew(): Promise<void> {
    await this.#renewer.renew();
  }

  /** Looks now at bundle and lists, and ends connections that they do not allow. @throws what the look fails with */
  async poll(): Promise<void> {
    const limit = AbortSignal.timeout(Math.max(this.#options.poll ?? 0, patience));
    const signal = AbortSignal.any([this.#ending.signal, limit]);
    const others = this.#foreign.map((each) => this.#learnForeign(each, signal));
    const isNewAtHome = await this.#home.learn(signal);
    const isNew = (await Promise.all(others)).includes(true) || isNewAtHome;
    this.#heardAt = Date.now();
    this.#failure = undefined;
    if (this.#isStale) {
      this.#isStale = false;
      this.emit("fresh");
    }
    if (!isNew) return;
    this.#save();
    this.#lookAtOneself();
    const connections = await this.#sockets.judge();
    if (connections.length > 0) this.emit("revoked", { connections });
  }

  /**
   * What holds from now on: the policy for connections that begin, also to the authority; the algorithm for the next
   * key. Connections that other rules do not allow are ended. So a fleet moves on without a restart.
   * @returns connections that were ended
   * @throws TypeError or RangeError for what cannot be; then nothing has changed
   */
  async update(changes: MeshChanges): Promise<readonly TlsSocket[]> {
    check.checkOptions("Mesh.update", changes, changeTable);
    const { rules, policy } = changes;
    const options = { ...this.#options, ...changes };
    // Also says whether the policy can be kept
    if (policy !== undefined) for (const each of [this.#home, ...this.#foreign]) each.use(policy);
    this.#sockets.update({
      ...(policy !== undefined && { policy }),
      ...(rules !== undefined && { authorize: asQuestion(rules) }),
    });
    this.#options = options;
    return rules === undefined ? [] : this.#sockets.judge();
  }

  /** Seals tickets under a new key; of the old ones one still opens. */
  rotateTicketKeys(): void {
    this.#tickets.rotate();
  }

  /** Ends servers, connections, renewal and polling. */
  close(): void {
    this.#ending.abort(new Error("the agent has left the mesh"));
    for (const timer of this.#timers) clearTimeout(timer);
    this.#renewer.stop();
    for (const each of [this.#home, ...this.#foreign]) each.close();
    this.#sockets.close();
  }

  async #follow(): Promise<void> {
    const { poll = 10_000, staleAfter = 3 * poll } = this.#options;
    try {
      await this.poll();
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      this.#failed("poll", error);
      const since = this.#heardAt ?? this.#began;
      if (!this.#isStale && Date.now() - since > staleAfter) {
        this.#isStale = true;
        this.emit("stale", { since });
      }
    }
    if (this.#ending.signal.aborted) return;
    // Not all at once
    const delay = poll * (1 - 0.1 * Math.random());
    this.#timers[1] = setTimeout(() => void this.#follow(), delay).unref();
  }

  /** What another domain does not tell makes nobody stale: its lists end, and its agents are refused. */
  async #learnForeign(domain: FollowedDomain, signal: AbortSignal): Promise<boolean> {
    try {
      return await domain.learn(signal);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#failed("poll", new Error(`${domain.domain}: ${reason}`, { cause }));
      return false;
    }
  }

  /** A connection of its own: what is in a pool has shown an older certificate. */
  async #obtain({ credential }: Identity, signal: AbortSignal): Promise<Identity> {
    const request = makeRequest(this.id, this.#options.algorithm, native);
    const client = clientOf([this.#options.authority].flat(), {
      provider: native,
      policy: this.#options.policy,
      credentials: [credential],
      verifyServer: this.#home.verify,
    });
    try {
      const reply = await client.ask({ method: "POST", path: "/renew", body: request.csr, signal });
      if (reply.status !== 200) throw refusalIn(reply);
      return request.complete(reply.body);
    } finally {
      client.close();
    }
  }

  #install(next: Identity): void {
    this.#identity = next;
    this.#sockets.update({ credentials: [next.credential] });
    this.#save();
    const { serial, notAfter } = this.health();
    this.emit("renewed", { serial, notAfter });
  }

  #save(): void {
    const { file } = this.#options;
    const { key, chain } = this.#identity;
    if (file === undefined) return;
    const federated = this.#foreign.map((each) => [each.domain, each.knowledge.texts] as const);
    writeState(file, {
      key,
      chain,
      ...this.#home.knowledge.texts,
      ...(federated.length > 0 && { federated: Object.fromEntries(federated) }),
    });
  }

  #lookAtOneself(): void {
    const { chain } = this.#identity.credential;
    const isOutcast = chain.some((each) => this.#home.knowledge.isRevoked(each));
    if (isOutcast && !this.#isOutcast) this.emit("outcast");
    this.#isOutcast = isOutcast;
  }

  #failed(what: "renewal" | "poll", error: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#failure = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    this.emit("failed", { what, error });
  }
}

type Domains = readonly [home: FollowedDomain, ...foreign: readonly FollowedDomain[]];

/** @throws TypeError or TlsError `misuse` for what is no domain, or no bundle */
function federatedDomains({ federated = {} }: MeshOptions, own: string): FollowedDomain[] {
  return Object.entries(federated).map(([domain, given]) => {
    const where = `joinMesh: federated[${JSON.stringify(domain)}]`;
    checkFederated(given, where);
    if (domain === own) throw new TypeError(`${where} is the agent's own domain`);
    if (domainOf(`spiffe://${domain}/x`) !== domain)
      throw new TypeError(`${where} is no trust domain`);
    const followed = new FollowedDomain({ domain, authority: given.authority });
    followed.knowledge.learnBundle(given.bundle);
    return followed;
  });
}

const asQuestion = (rules: MeshOptions["rules"]): Authorize =>
  typeof rules === "function" ? rules : allow(rules);
