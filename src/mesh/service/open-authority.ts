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
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AuthorityError,
  bundleOfDirectory,
  chooseAuthority,
  cutJournal,
  onlyIssuer,
  pendingRequests,
  PkiDirectory,
  prune,
  reservedPath,
  type Signing,
} from "../../authority/index.ts";
import { isOid } from "../../crypto/index.ts";
import { native } from "../../crypto/native.ts";
import { TokenKeys } from "../../hsm/index.ts";
import { type Credential, parseSpiffeId } from "../../identity/index.ts";
import { Renewer, validityOf } from "../../rotation/index.ts";
import { createHttpsServer, type HttpsServer } from "../../transport/node/index.ts";
import {
  type AuthorityEvent,
  type AuthorityOptions,
  checkAuthorityOptions,
} from "./authority-options.ts";
import { verifyCaller } from "./callers.ts";
import { serviceCredential } from "./credential.ts";
import { type Answer, json, Refusal, type Routes, serve } from "./http.ts";
import { Lists } from "./lists.ts";
import { Metrics } from "./metrics.ts";
import { Responder } from "./ocsp.ts";
import { Registrar } from "./registrar.ts";
import { Writer } from "./writer.ts";

const hour = 3_600_000;

/** Lines of the journal that go at a time: it is written anew for that. */
const leastCut = 10_000;

/** Milliseconds after which what other processes have written is looked at, whether or not somebody asks. */
const watching = 1000;

/**
 * Opens a directory of authorities, to serve those that are registered there.
 * @throws AuthorityError, TlsError `misuse`, TypeError or RangeError for what cannot work
 */
export async function openAuthority(options: AuthorityOptions): Promise<RunningAuthority> {
  checkAuthorityOptions(options, "openAuthority");
  const pki = PkiDirectory.open(options.directory);
  if (options.keepJournal !== undefined && pki.settings.database !== undefined) {
    throw new AuthorityError(
      "misuse",
      "openAuthority: keepJournal is not for a database, whose lines stay",
    );
  }
  await pki.refresh();
  checkKeys(pki);
  const { path } = parseSpiffeId(`spiffe://${options.domain}`);
  if (path !== "") throw new RangeError("openAuthority: domain is a trust domain, without a path");
  return RunningAuthority.start(pki, options);
}

/** An authority that is open. It listens once it is told where. */
export class RunningAuthority {
  readonly #pki: PkiDirectory;
  readonly #options: AuthorityOptions;
  readonly #tokens: TokenKeys | undefined;
  readonly #writer: Writer;
  readonly #lists: Lists;
  readonly #responder: Responder;
  readonly #registrar: Registrar;
  readonly #metrics = new Metrics();
  readonly #server: HttpsServer;
  readonly #renewer: Renewer<Credential>;
  readonly #watch: NodeJS.Timeout;
  #plain: Server | undefined;
  /** On the process's clock. */
  #pruneAt = 0;
  /** The authority that certified the service. */
  #certifiedBy: string;

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
    this.#registrar = new Registrar({
      pki,
      writer,
      signing,
      metrics: this.#metrics,
      limits: {
        most: options.waitingRequests ?? 0,
        lifetime: options.requestLifetime ?? hour,
      },
      refresh: () => this.#refresh(),
      tell: (event) => this.#tell(event),
    });
    this.#server = createHttpsServer(
      {
        provider: signing.provider,
        credentials: [first],
        policy: options.policy ?? "require-post-quantum",
        clientAuthentication: "request",
        verifyClient: verifyCaller(pki),
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
      "POST /enrol": (asked) => this.#registrar.enrol(asked),
      "POST /renew": (asked) => this.#registrar.renew(asked),
      "GET /bundle": () => this.#bundle(),
      "GET /crl": ({ path }) => this.#crl(path),
      "POST /ocsp": ({ body }) => this.#ocsp(body),
      "GET /ocsp": ({ path }) => this.#ocsp(fromPath(path)),
      "GET /health": () => json(200, { state: "ok", lines: this.#pki.head.lines }),
    };
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
    const { keepEnded = 30 * 24 * hour, keepJournal } = this.#options;
    await this.#writer.change("authority", (pki) => {
      prune(pki, keepEnded);
      if (keepJournal !== undefined) cutJournal(pki, keepJournal, leastCut);
    });
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

/** Agents verify with what is registered: no option gives them an algorithm of one's own. */
function checkKeys(pki: PkiDirectory): void {
  for (const entry of pki.authorities()) {
    const { type } = pki.certificate(entry).publicKey;
    if (!isOid(type)) continue;
    throw new AuthorityError(
      "misuse",
      `the key of ${entry.name} is of the type ${type}, which agents cannot verify: serve a directory whose authorities have keys with registered names, such as ML-DSA-65`,
    );
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

/** RFC 6960 Appendix A.1: base64, escaped for a URL. */
function fromPath(path: string): Uint8Array {
  try {
    return new Uint8Array(Buffer.from(decodeURIComponent(path.slice("/ocsp/".length)), "base64"));
  } catch {
    throw new Refusal(400, "a percent sign encodes nothing");
  }
}
