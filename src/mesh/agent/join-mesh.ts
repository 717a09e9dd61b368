/**
 * An agent's part in a mesh: it enrols once, renews by itself, follows what counts and what is revoked, and gives
 * servers and clients that know all that.
 */
import { EventEmitter } from "node:events";
import type { RequestListener } from "node:http";
import { allow, type Authorize } from "../../authorization/index.ts";
import { native } from "../../crypto/native.ts";
import { sealedTickets, TicketKeys } from "../../handshake/index.ts";
import { CertificateCache, createTrustStore } from "../../identity/index.ts";
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
  changeTable,
  checkFederated,
  checkMeshOptions,
  type Health,
  type MeshChanges,
  type MeshEvents,
  type MeshOptions,
} from "./mesh-options.ts";
import {
  type MeshAgentOptions,
  type MeshConnectOptions,
  type MeshHttpsServerOptions,
  type MeshServerOptions,
  Sockets,
} from "./sockets.ts";
import { readState, writeState } from "./state.ts";

/** Milliseconds that a look at bundle and lists may take. */
const patience = 20_000;

/**
 * Enrols, or goes on with what the file holds, and follows the authority from then on.
 * @throws TlsError `access_denied` if the authority refuses, `unknown_ca` if it is another one; TypeError, RangeError or
 *   TlsError `misuse` for options that cannot work
 */
export async function joinMesh(options: MeshOptions): Promise<Mesh> {
  checkMeshOptions(options, "joinMesh");
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
  /** The agent's SPIFFE ID. */
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
  /** Whether the last look, and the last renewal, came to nothing. */
  #isAway = false;
  #isOverdue = false;
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
        if (event.type === "renewed") this.#isOverdue = false;
        if (event.type !== "failed") return;
        this.#isOverdue = true;
        this.#failed("renewal", event.error);
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

  /** How the agent is, now. */
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
      keyType: chain[0]!.publicKey.type,
      bundle: this.#home.knowledge.sequence,
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
    const authorize = rules === undefined ? undefined : asQuestion(rules);
    // Also says whether the policy can be kept
    if (policy !== undefined) for (const each of [this.#home, ...this.#foreign]) each.use(policy);
    this.#sockets.update({
      ...(policy !== undefined && { policy }),
      ...(authorize !== undefined && { authorize }),
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
      this.#catchUp();
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      this.#isAway = true;
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

  /** Renews if the authority is there again, or the machine has slept: timers stand still meanwhile. */
  #catchUp(): void {
    const isDue = this.#isOverdue ? this.#isAway : this.health().state === "expired";
    this.#isAway = false;
    if (isDue) void this.#renewer.renew();
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

/** @throws TypeError or TlsError `misuse` for what is not a domain, or not a bundle */
function federatedDomains({ federated = {} }: MeshOptions, own: string): FollowedDomain[] {
  return Object.entries(federated).map(([domain, given]) => {
    const where = `joinMesh: federated[${JSON.stringify(domain)}]`;
    checkFederated(given, where);
    if (domain === own) throw new TypeError(`${where} is the agent's own domain`);
    if (domainOf(`spiffe://${domain}/x`) !== domain)
      throw new TypeError(`${where} is not a trust domain`);
    const followed = new FollowedDomain({ domain, authority: given.authority });
    followed.knowledge.learnBundle(given.bundle);
    return followed;
  });
}

const asQuestion = (rules: MeshOptions["rules"]): Authorize =>
  typeof rules === "function" ? rules : allow(rules);
