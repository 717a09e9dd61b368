/**
 * An authority that runs: who is registered enrols, renews, and learns what counts and what is revoked, all over
 * TLS with a hybrid key exchange. What it knows stands in a directory, which commands of other processes change
 * while it runs; there may be several such processes for one directory.
 *
 *     POST /enrol      the first certificate, for a token or an approved request: PKCS #10 to a chain in PEM
 *     POST /renew      the next one, for who shows the one before
 *     GET  /bundle     the roots, as a SPIFFE bundle
 *     GET  /crl        all lists in PEM; /crl/<issuer>.crl one of them in DER
 *     POST /ocsp       what is known of single certificates (RFC 6960); GET /ocsp/<request in base64> too
 *     GET  /health     whether it works
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AuthorityError,
  bundleOfDirectory,
  chooseAuthority,
  enrol,
  type Entry,
  graceOf,
  isAdmitted,
  isWaiting,
  keepRequest,
  keyHash,
  onlyIssuer,
  pendingRequests,
  PkiDirectory,
  prune,
  renewRegistered,
  reservedPath,
  type Signing,
  trustedRoots,
} from "../../authority/index.ts";
import { verifyAgainst } from "../../connection/index.ts";
import { native } from "../../crypto/native.ts";
import type { VerifyPeer } from "../../handshake/index.ts";
import { TokenKeys } from "../../hsm/index.ts";
import {
  CertificateCache,
  createTrustStore,
  type Credential,
  encodePem,
  parseCsr,
  parseSpiffeId,
  type TrustStore,
  verifyCsr,
} from "../../identity/index.ts";
import { TlsError } from "../../registry/index.ts";
import { Renewer, validityOf } from "../../rotation/index.ts";
import { createHttpsServer, type HttpsServer, type TlsSocket } from "../../transport/node/index.ts";
import { toHex } from "../../wire/index.ts";
import {
  type AuthorityEvent,
  type AuthorityOptions,
  checkAuthorityOptions,
} from "./authority-options.ts";
import { serviceCredential } from "./credential.ts";
import { type Answer, type Asked, Refusal, json, type Routes, serve } from "./http.ts";
import { Lists } from "./lists.ts";
import { Metrics } from "./metrics.ts";
import { Responder } from "./ocsp.ts";
import { Writer } from "./writer.ts";

const hour = 3_600_000;

/** Milliseconds after which what other processes have written is looked at, whether or not somebody asks. */
const watching = 1000;

/**
 * Opens a directory of authorities, to serve those that are registered there.
 * @throws AuthorityError, TlsError `misuse`, TypeError or RangeError for what cannot work
 */
export async function openAuthority(options: AuthorityOptions): Promise<RunningAuthority> {
  checkAuthorityOptions(options, "openAuthority");
  const pki = PkiDirectory.open(options.directory);
  await pki.refresh();
  const { path } = parseSpiffeId(`spiffe://${options.domain}`);
  if (path !== "") throw new RangeError("openAuthority: domain is a trust domain, without a path");
  return RunningAuthority.start(pki, options);
}

/** An authority that is open. It listens once it is told where. */
export class RunningAuthority {
  readonly #pki: PkiDirectory;
  readonly #options: AuthorityOptions;
  readonly #signing: Signing;
  readonly #tokens: TokenKeys | undefined;
  readonly #writer: Writer;
  readonly #lists: Lists;
  readonly #responder: Responder;
  readonly #metrics = new Metrics();
  readonly #server: HttpsServer;
  readonly #renewer: Renewer<Credential>;
  readonly #watch: NodeJS.Timeout;
  #plain: Server | undefined;
  /** On the process's clock. */
  #pruneAt = 0;
  /** Requests that were told of. */
  #told: ReadonlySet<string> = new Set();
  /** The authority that certified the service. */
  #certifiedBy: string;
  #roots: { readonly serials: string; readonly store: TrustStore } | undefined;

  /** @internal */
  static async start(pki: PkiDirectory, options: AuthorityOptions): Promise<RunningAuthority> {
    const { passphrase } = options;
    const tokens = options.remoteKeys === undefined ? new TokenKeys() : undefined;
    const signing = { provider: native, passphrase, remoteKeys: tokens ?? options.remoteKeys };
    const writer = new Writer(pki);
    const obtain = (): Promise<Credential> =>
      writer.change("authority", () => serviceCredential(pki, namesOf(pki, options), signing));
    const first = await obtain();
    const authority = new RunningAuthority(pki, options, {
      signing,
      writer,
      first,
      obtain,
      tokens,
    });
    await authority.#lists.update();
    return authority;
  }

  private constructor(
    pki: PkiDirectory,
    options: AuthorityOptions,
    own: {
      readonly signing: Signing;
      readonly writer: Writer;
      readonly first: Credential;
      readonly obtain: () => Promise<Credential>;
      /** That we have opened. */
      readonly tokens: TokenKeys | undefined;
    },
  ) {
    const { signing, writer, first } = own;
    this.#pki = pki;
    this.#options = options;
    this.#signing = signing;
    this.#tokens = own.tokens;
    this.#writer = writer;
    this.#certifiedBy = namesOf(pki, options).issuer;
    this.#lists = new Lists(pki, writer, signing, {
      lifetime: options.listLifetime ?? hour,
      onError: (issuer, error) => this.#failed(error, issuer),
      onList: (issuer, number) => {
        this.#metrics.count("lists");
        this.#tell({ type: "list", issuer, number });
      },
    });
    const signed = (): void => this.#metrics.count("responses");
    const lifetime = options.responseLifetime ?? hour;
    this.#responder = new Responder(pki, signing, { lifetime, signed });
    this.#server = createHttpsServer(
      {
        provider: signing.provider,
        credentials: [first],
        policy: options.policy ?? "require-post-quantum",
        clientAuthentication: "request",
        verifyClient: this.#verifyClient(),
        // Whoever renews shows that they have the key, each time
        tickets: false,
        requestTimeout: 30_000,
      },
      serve(this.#routes(), (error) => this.#failed(error)),
    );
    this.#server.on("tlsClientError", () => {});
    this.#renewer = new Renewer(first, {
      obtain: own.obtain,
      install: (credential) => {
        this.#server.update({ credentials: [credential] });
        this.#certifiedBy = this.#issuer();
      },
      validity: validityOf,
      onEvent: (event) => {
        if (event.type === "failed") this.#failed(event.error);
      },
    });
    this.#watch = setInterval(() => void this.#look(), watching).unref();
  }

  /** Listens for agents. @returns the port @throws what `listen` of a server fails with */
  async listen(port = 0, host?: string): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Serves figures for Prometheus at `/metrics`, without TLS: for this machine, or behind something that has it. */
  async listenForMetrics(port = 0, host = "127.0.0.1"): Promise<number> {
    this.#plain ??= createServer((request, response) => {
      if (request.url !== "/metrics") return void response.writeHead(404).end();
      response.setHeader("content-type", "text/plain; version=0.0.4");
      response.end(this.metrics());
    });
    this.#plain.listen(port, host);
    await once(this.#plain, "listening");
    return (this.#plain.address() as AddressInfo).port;
  }

  /** Figures in the text format of Prometheus. */
  metrics(): string {
    return this.#metrics.print(this.#pki, pendingRequests(this.#pki).length);
  }

  /** Ends what is open, after what is being written was written. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.#renewer.stop();
    this.#plain?.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#writer.idle();
    await this.#tokens?.close();
  }

  #routes(): Routes {
    return {
      "POST /enrol": (asked) => this.#enrol(asked),
      "POST /renew": (asked) => this.#renew(asked),
      "GET /bundle": () => this.#bundle(),
      "GET /crl": ({ path }) => this.#crl(path),
      "POST /ocsp": ({ body }) => this.#ocsp(body),
      "GET /ocsp": ({ path }) => this.#ocsp(fromPath(path)),
      "GET /health": () => json(200, { state: "ok", lines: this.#pki.head.lines }),
    };
  }

  async #enrol({ request, body }: Asked): Promise<Answer> {
    const csr = parseCsr(textOrDer(body));
    const token = bearer(request.headers.authorization);
    const who = token === undefined ? "who has an approved key" : "who has a token";
    const { waitingRequests: most = 0, requestLifetime: lifetime = hour } = this.#options;
    await this.#refresh();
    return this.#certified("enrolled", request, async () => {
      // Who has nothing to show does not come to where one waits for the other
      if (!isAdmitted(this.#pki, csr, token)) {
        if (token !== undefined) throw new AuthorityError("refused", "there is no such token");
        if (most === 0) throw new AuthorityError("refused", "it needs a token");
        verifyCsr(csr, this.#signing.provider);
        const waiting = keyHash(csr.publicKey);
        if (isWaiting(this.#pki, csr, { most, lifetime })) return { waiting };
      }
      return this.#writer.change(who, async (pki) => {
        checkThere(request);
        const entry = await enrol(pki, { csr, token }, this.#signing);
        if (entry === undefined) keepRequest(pki, csr, { most, lifetime });
        return entry ?? { waiting: keyHash(csr.publicKey) };
      });
    });
  }

  async #renew({ request, body }: Asked): Promise<Answer> {
    const csr = parseCsr(textOrDer(body));
    const [leaf] = socketOf(request).negotiated?.peer?.chain ?? [];
    if (leaf === undefined)
      throw new Refusal(401, "it takes the certificate that is to be renewed");
    const serial = toHex(leaf.serialNumber);
    return this.#certified("renewed", request, async () =>
      this.#writer.change(`who has ${serial}`, (pki) => {
        checkThere(request);
        return renewRegistered(pki, { csr, serial }, this.#signing);
      }),
    );
  }

  async #certified(
    type: "enrolled" | "renewed",
    { socket: { remoteAddress: from } }: IncomingMessage,
    certify: () => Promise<Entry | { readonly waiting: string }>,
  ): Promise<Answer> {
    this.#metrics.count("requests");
    try {
      const entry = await certify();
      if ("waiting" in entry) {
        if (!this.#told.has(entry.waiting)) this.#tell({ type: "waiting", id: entry.waiting });
        this.#told = new Set([...this.#told, entry.waiting].slice(-1000));
        return { ...json(202, { state: "waiting for somebody to approve it" }), retryAfter: 5 };
      }
      const { name, serial } = entry;
      this.#metrics.count(type);
      this.#tell({ type, name, serial });
      const chain = this.#pki.chain(entry).map(({ der }) => encodePem("CERTIFICATE", der));
      return { status: 200, type: "application/pem-certificate-chain", body: chain.join("") };
    } catch (error) {
      const isTheirs = error instanceof TlsError || error instanceof AuthorityError;
      this.#metrics.count("refused");
      if (isTheirs) this.#tell({ type: "refused", reason: error.message, from });
      throw error;
    }
  }

  async #bundle(): Promise<Answer> {
    await this.#refresh();
    const hint = this.#options.refreshHint ?? 10_000;
    const body = bundleOfDirectory(this.#pki, Math.max(1, Math.round(hint / 1000)));
    return { status: 200, type: "application/json", body, maxAge: 1 };
  }

  async #crl(path: string): Promise<Answer> {
    await this.#refresh();
    await this.#lists.update();
    if (path === "/crl") {
      return { status: 200, type: "application/x-pem-file", body: this.#lists.pem, maxAge: 1 };
    }
    const [, issuer = ""] = /^\/crl\/([^/]+)\.crl$/.exec(path) ?? [];
    const der = this.#pki.authorities().some(({ name }) => name === issuer)
      ? this.#lists.of(issuer)
      : undefined;
    if (der === undefined) throw new Refusal(404, `there is no list ${path}`);
    // RFC 2585 §4.2
    return { status: 200, type: "application/pkix-crl", body: der, maxAge: 1 };
  }

  async #ocsp(request: Uint8Array): Promise<Answer> {
    await this.#refresh();
    const body = await this.#responder.respond(request);
    return { status: 200, type: "application/ocsp-response", body };
  }

  /** A certificate that has just ended still tells who wants the next one, as long as its registration says. */
  #verifyClient(): VerifyPeer {
    const verify = verifyAgainst(this.#trust(), { cache: new CertificateCache(), anyName: true });
    return (question) => {
      const [leaf] = question.chain;
      try {
        return verify(question);
      } catch (error) {
        const hasEnded = error instanceof TlsError && error.code === "certificate_expired";
        if (!hasEnded || leaf === undefined) throw error;
        const grace = graceOf(this.#pki, toHex(leaf.serialNumber));
        if (question.now > leaf.notAfter + grace) throw error;
        return verify({ ...question, validAt: leaf.notAfter });
      }
    };
  }

  /** The roots of now. */
  #trust(): TrustStore {
    const current = (): TrustStore => {
      const entries = trustedRoots(this.#pki);
      const serials = entries.map(({ serial }) => serial).join();
      if (this.#roots?.serials !== serials) {
        const roots = entries.map((entry) => this.#pki.certificate(entry));
        this.#roots = { serials, store: createTrustStore(roots) };
      }
      return this.#roots.store;
    };
    return {
      get anchors() {
        return current().anchors;
      },
      find: (subject) => current().find(subject),
      has: (certificate) => current().has(certificate),
    };
  }

  /** What other processes have written, and what time has made due. */
  async #look(): Promise<void> {
    await this.#refresh();
    try {
      await this.#lists.update();
      await this.#prune();
      // Those who trust only the successor's root must find a certificate below it
      if (this.#issuer() !== this.#certifiedBy) await this.#renewer.renew();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Where a database does not answer, it goes on with what it has: lists and bundles have an end of their own. */
  async #refresh(): Promise<void> {
    try {
      await this.#pki.refresh();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Once an hour, and when it begins. */
  async #prune(): Promise<void> {
    if (performance.now() < this.#pruneAt) return;
    this.#pruneAt = performance.now() + hour;
    const { keepEnded = 30 * 24 * hour } = this.#options;
    await this.#writer.change("authority", (pki) => prune(pki, keepEnded));
  }

  #issuer(): string {
    return namesOf(this.#pki, this.#options).issuer;
  }

  #failed(error: unknown, issuer?: string): void {
    this.#metrics.count("failed");
    const cause = error instanceof Error ? error : new Error(String(error));
    this.#tell({
      type: "failed",
      error:
        issuer === undefined
          ? cause
          : new Error(`the list of ${issuer}: ${cause.message}`, { cause }),
    });
  }

  #tell(event: AuthorityEvent): void {
    try {
      this.#options.onEvent?.(event);
    } catch {
      // It goes on without its log
    }
  }
}

function namesOf(pki: PkiDirectory, options: AuthorityOptions) {
  const { domain, dns = ["localhost"], ip = [], lifetime = 24 * hour } = options;
  const most = pki.settings.profiles["server"]?.lifetime ?? lifetime;
  return {
    issuer: chooseAuthority(pki, options.issuer ?? onlyIssuer(pki)).name,
    id: `spiffe://${domain}${reservedPath}authority`,
    dns,
    ip,
    lifetime: Math.min(lifetime, most),
  };
}

/**
 * Who has gone away, since it took too long, comes again: a busy authority would have ever more to do for nobody.
 * @throws AuthorityError `busy`
 */
function checkThere({ socket }: IncomingMessage): void {
  if (socket.destroyed) throw new AuthorityError("busy", "who asked has gone away");
}

/** Ours, whose certificate it showed. */
const socketOf = (request: IncomingMessage): TlsSocket => request.socket as unknown as TlsSocket;

/** RFC 6750 §2.1 */
const bearer = (header: string | undefined): string | undefined =>
  /^Bearer ([\w-]+(?:\.[\w-]+)*)$/i.exec(header ?? "")?.[1];

/** RFC 6960 Appendix A.1: base64, escaped for a URL. */
function fromPath(path: string): Uint8Array {
  try {
    return new Uint8Array(Buffer.from(decodeURIComponent(path.slice("/ocsp/".length)), "base64"));
  } catch {
    throw new Refusal(400, "a percent sign encodes nothing");
  }
}

const textOrDer = (bytes: Uint8Array): string | Uint8Array =>
  bytes[0] === 0x2d ? new TextDecoder().decode(bytes) : bytes;
