/**
 * An agent's part in a mesh: it enrols once, renews by itself, follows what counts and what is revoked, and gives
 * servers and clients that know all that.
 */
import { EventEmitter } from "node:events";
import type { RequestListener } from "node:http";
import { allow, type Authorize, type Rule } from "../../authorization/index.ts";
import { verifyWorkload } from "../../connection/index.ts";
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
import type {
  HttpsAgent,
  HttpsAgentOptions,
  HttpsServer,
  TlsServer,
  TlsSocket,
} from "../../transport/node/index.ts";
import { toHex } from "../../wire/index.ts";
import { type AuthorityClient, refusalIn } from "./client.ts";
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
import { Knowledge } from "./knowledge.ts";
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
} satisfies check.OptionTable<MeshOptions>;
const optionTable = check.complete(meshTable, "write { authority, id, rules, token }", [
  "authority",
  "id",
  "rules",
]);

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
  const knowledge = new Knowledge();
  const policy = options.policy ?? "require-post-quantum";
  const common = { provider: native, policy, cache: new CertificateCache() };
  const state = file === undefined ? undefined : readState(file);
  if (state !== undefined) {
    knowledge.learnBundle(state.bundle);
    knowledge.learnLists(state.lists);
    return new Mesh(options, { knowledge, identity: identityOf(id, state, native) });
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
    return new Mesh(options, { knowledge, identity: request.complete(chain) });
  } finally {
    client.close();
  }
}

/** Looks at bundle and lists. @returns whether anything is new */
async function learn(
  client: AuthorityClient,
  knowledge: Knowledge,
  signal: AbortSignal,
  tags: Map<string, string> = new Map(),
): Promise<boolean> {
  const get = async (path: string): Promise<string | undefined> => {
    const tag = tags.get(path);
    const headers = tag === undefined ? {} : { "if-none-match": tag };
    const { status, body, etag, retryAfter } = await client.ask({
      method: "GET",
      path,
      headers,
      signal,
    });
    if (status === 304) return undefined;
    if (status !== 200) throw refusalIn({ status, body, etag, retryAfter });
    if (etag !== undefined) tags.set(path, etag);
    return body;
  };
  const bundle = await get("/bundle");
  const isNewBundle = bundle !== undefined && knowledge.learnBundle(bundle);
  const lists = await get("/crl");
  const areNewLists = lists !== undefined && knowledge.learnLists(lists);
  return isNewBundle || areNewLists;
}

/** An agent that has joined. */
export class Mesh extends EventEmitter<MeshEvents> {
  readonly id: string;
  #options: MeshOptions & Required<Pick<MeshOptions, "algorithm" | "policy">>;
  readonly #knowledge: Knowledge;
  #identity: Identity;
  readonly #sockets: Sockets;
  readonly #tickets = new TicketKeys(native, 2);
  readonly #cache = new CertificateCache();
  readonly #renewer: Renewer<Identity>;
  /** Asks for what everybody may know, and shows no certificate. */
  #listener: AuthorityClient;
  readonly #ending = new AbortController();
  readonly #tags = new Map<string, string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #heardAt: number | undefined;
  #isStale = false;
  #isOutcast = false;
  #failure: string | undefined;
  readonly #began = Date.now();

  /** @internal made by {@link joinMesh} */
  constructor(
    options: MeshOptions,
    { knowledge, identity }: { readonly knowledge: Knowledge; readonly identity: Identity },
  ) {
    super();
    const { id, rules, poll = 10_000, ticketKeyLifetime = 1_800_000 } = options;
    this.id = id;
    this.#options = { algorithm: "secp256r1", policy: "require-post-quantum", ...options };
    this.#knowledge = knowledge;
    this.#identity = identity;
    const domain = domainOf(id);
    const cache = this.#cache;
    const revocation = () => ({ crls: knowledge.crls });
    const verify = verifyWorkload(new Map([[domain, knowledge.trust]]), { cache, revocation });
    const common = {
      provider: native,
      policy: this.#options.policy,
      authorize: asQuestion(rules),
      credentials: [identity.credential],
      trust: knowledge.trust,
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
    this.#listener = this.#listen();
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
    const isNew = await learn(this.#listener, this.#knowledge, signal, this.#tags);
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
    const listener = policy === undefined ? undefined : this.#listen(options);
    this.#sockets.update({
      ...(policy !== undefined && { policy }),
      ...(rules !== undefined && { authorize: asQuestion(rules) }),
    });
    this.#options = options;
    if (listener !== undefined) {
      this.#listener.close();
      this.#listener = listener;
    }
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
    this.#listener.close();
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

  #listen(options = this.#options): AuthorityClient {
    return this.#client({ cache: this.#cache, keepAlive: true, policy: options.policy });
  }

  #client(
    how: Pick<HttpsAgentOptions, "cache" | "keepAlive" | "credentials" | "policy">,
  ): AuthorityClient {
    return clientOf([this.#options.authority].flat(), {
      provider: native,
      policy: this.#options.policy,
      ...how,
      verifyServer: verifyAuthority(domainOf(this.id), this.#knowledge.trust),
    });
  }

  /** A connection of its own: what is in a pool has shown an older certificate. */
  async #obtain({ credential }: Identity, signal: AbortSignal): Promise<Identity> {
    const request = makeRequest(this.id, this.#options.algorithm, native);
    const client = this.#client({ credentials: [credential] });
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
    if (file !== undefined) writeState(file, { key, chain, ...this.#knowledge.texts });
  }

  #lookAtOneself(): void {
    const { chain } = this.#identity.credential;
    const isOutcast = chain.some((each) => this.#knowledge.isRevoked(each));
    if (isOutcast && !this.#isOutcast) this.emit("outcast");
    this.#isOutcast = isOutcast;
  }

  #failed(what: "renewal" | "poll", error: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#failure = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    this.emit("failed", { what, error });
  }
}

const asQuestion = (rules: MeshOptions["rules"]): Authorize =>
  typeof rules === "function" ? rules : allow(rules);
