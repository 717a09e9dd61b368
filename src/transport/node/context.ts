import * as tls from "node:tls";
import {
  type ClientOptions,
  type CommonOptions,
  type Connection,
  defaultVerification,
  judgeAgain,
  type OwnClientOptions,
  prepareClient,
  prepareServer,
  type ServerOptions,
} from "../../connection/index.ts";
import type { Provider } from "../../crypto/index.ts";
import { native } from "../../crypto/native.ts";
import {
  MemoryReplayGuard,
  type Negotiated,
  type PeerIdentity,
  type Tickets,
  type VerifyPeer,
} from "../../handshake/index.ts";
import {
  CertificateCache,
  type CertificateInput,
  createCredential,
  createTrustStore,
  type Credential,
  type TrustStore,
} from "../../identity/index.ts";
import { TlsError } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { Wiring } from "./socket.ts";
import { type RotatingTicketOptions, rotatingTickets } from "./tickets.ts";

/** Certificates and keys as they come from files. */
export interface PemOptions {
  /** Certificates to trust: PEM with any number of them, DER, or a list of these. */
  readonly ca?: CertificateInput;
  /** Our certificate and those above it, leaf first, in PEM or DER. */
  readonly cert?: CertificateInput;
  /** The private key of `cert`, in PEM or DER. */
  readonly key?: string | Uint8Array;
  /**
   * `false` goes on with a peer whose certificate is not accepted: `authorized` is then false, and
   * `authorizationError` says why. Default: true.
   */
  readonly rejectUnauthorized?: boolean;
}

/** Where `ca`, `trust` and `verifyServer` are absent, Node's own root certificates are trusted. */
export interface ClientContextOptions extends Omit<ClientOptions, "onProgress">, PemOptions {}
export interface ServerContextOptions
  extends Omit<ServerOptions, "onProgress" | "tickets" | "earlyData">, PemOptions {
  /**
   * Makes tickets, so that clients can resume. `true`: sealed under keys of this process, which change
   * every 12 hours, and of which two old ones still open; options change that. Default: true.
   */
  readonly tickets?: boolean | RotatingTicketOptions | Tickets;
  /**
   * Takes 0-RTT data, each once. `true`: at most 16 384 bytes, and what was used is remembered in this
   * process, which must then be the only one that takes its tickets. Default: refused.
   */
  readonly earlyData?: true | Partial<NonNullable<ServerOptions["earlyData"]>>;
}

/** What is the same for many connections: read and checked once, with certificates that were seen before. */
export interface SecureContext<O = ClientContextOptions | ServerContextOptions> {
  /**
   * Replaces some of the options, in one step: connections that begin from now on have the new ones, all
   * others end with what they began with. Tickets, early data's memory and read certificates stay, unless
   * they are what is replaced.
   * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work; the old ones stay
   */
  update(changes: Partial<O>): void;
  /** @internal */
  connection(wiring: Wiring, own?: OwnClientOptions): Connection;
  /** @internal as `judgeAgain`, by the options of now */
  judge(negotiated: Negotiated, own?: OwnClientOptions): Promise<string | undefined>;
}

/**
 * Prepares a client's options for any number of connections.
 * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work
 */
export function createSecureContext(
  options: ClientContextOptions = {},
): SecureContext<ClientContextOptions> {
  return contextOf("client", lasting(options), preparedClient, prepareClient);
}

function preparedClient(options: ClientContextOptions): ClientOptions {
  const prepared = prepare(options);
  const { trust, trustedKeys, verifyServer } = prepared;
  const saysWhom = (trust ?? trustedKeys ?? verifyServer) !== undefined;
  const client = saysWhom ? prepared : { ...prepared, trust: rootTrust() };
  return { ...client, ...tolerance("verifyServer", client) };
}

/** As {@link createSecureContext}, for a server. */
export function createServerContext(
  options: ServerContextOptions,
): SecureContext<ServerContextOptions> {
  const given = { ...lasting(options), ...sessionsOf(options) };
  return contextOf("server", given, preparedServer, prepareServer);
}

function preparedServer(options: ServerContextOptions): ServerOptions {
  const server = prepare(options);
  const { tickets: _, earlyData: __, ...others } = server;
  return { ...others, ...tolerance("verifyClient", server), ...sessionsOf(server) };
}

/** What was read once stays read, whatever is updated. */
const lasting = <O extends CommonOptions>(options: O): O => ({
  cache: new CertificateCache(),
  ...options,
});

/** What a server needs to resume sessions, where the options leave it to us. */
function sessionsOf({
  tickets = true,
  earlyData,
  provider = native,
  now,
}: ServerContextOptions): Pick<ServerOptions, "tickets" | "earlyData"> {
  const settings = tickets === true ? {} : tickets;
  const policy = earlyData === true ? {} : earlyData;
  return {
    ...(settings !== false && {
      tickets: "issue" in settings ? settings : rotatingTickets(provider, settings),
    }),
    ...(policy !== undefined && {
      earlyData: { maxSize: 16_384, replayGuard: new MemoryReplayGuard(now), ...policy },
    }),
  };
}

/** `rejectUnauthorized: false` goes on with whom verification refuses. */
function tolerance<Name extends "verifyServer" | "verifyClient">(
  name: Name,
  options: CommonOptions & PemOptions & { readonly [N in Name]?: VerifyPeer },
): { readonly [N in Name]?: VerifyPeer } {
  const verify = options[name] ?? defaultVerification(options);
  return options.rejectUnauthorized === false && verify !== undefined
    ? ({ [name]: tolerant(verify) } as { [N in Name]: VerifyPeer })
    : {};
}

function contextOf<O extends CommonOptions & PemOptions, P extends ClientOptions | ServerOptions>(
  role: Role,
  options: O,
  complete: (options: O) => P,
  prepareConnections: (options: P) => (own: OwnClientOptions) => Connection,
): SecureContext<O> {
  const checked = (given: O) => {
    const prepared = complete(given);
    return { given, prepared, create: prepareConnections(prepared) };
  };
  let current = checked(options);
  return {
    update(changes) {
      current = checked(merged(current.given, changes));
    },
    connection: (wiring, own) => current.create({ ...own, ...wiring }),
    judge: (negotiated, own) => judgeAgain(role, { ...current.prepared, ...own }, negotiated),
  };
}

/** Two ways of saying the same thing: the new one stands for the old one in either form. */
function merged<O extends CommonOptions & PemOptions>(given: O, changes: Partial<O>): O {
  const kept: { -readonly [Name in keyof O]?: O[Name] } = { ...given };
  if ("ca" in changes || "trust" in changes) {
    delete kept.ca;
    delete kept.trust;
  }
  if ("cert" in changes || "key" in changes || "credentials" in changes) {
    delete kept.cert;
    delete kept.key;
    delete kept.credentials;
  }
  return { ...(kept as O), ...changes };
}

function prepare<O extends CommonOptions & PemOptions>(options: O): O {
  const provider = options.provider ?? native;
  const own = credentialOf(options, provider);
  const trust = options.trust ?? trustOf(options);
  return {
    ...options,
    provider,
    ...(trust === undefined ? {} : { trust }),
    ...(own === undefined ? {} : { credentials: [own, ...(options.credentials ?? [])] }),
  };
}

function credentialOf({ cert, key }: PemOptions, provider: Provider): Credential | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new TypeError("`cert` and `key` go together: a certificate needs its private key");
  }
  const privateKey = typeof key === "string" ? key : textOrDer(key);
  return createCredential({ certificates: readable(cert), privateKey, provider });
}

const trustOf = ({ ca }: PemOptions): TrustStore | undefined =>
  ca === undefined ? undefined : createTrustStore(readable(ca));

function readable(input: CertificateInput): CertificateInput {
  const items = typeof input === "string" || input instanceof Uint8Array ? [input] : input;
  return items.map((item) => (typeof item === "string" ? item : textOrDer(item)));
}

/** A file's content may be either. */
function textOrDer(content: Uint8Array): string | Uint8Array {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return bytes.includes("-----BEGIN") ? bytes.toString() : content;
}

/** Goes on with a peer that was not accepted, and remembers why it was not. */
const tolerant =
  (verify: VerifyPeer): VerifyPeer =>
  (question) => {
    const forgive = (error: unknown): PeerIdentity & { readonly problem: TlsError } => {
      if (!(error instanceof TlsError)) throw error;
      return { chain: question.chain, verified: undefined, problem: error };
    };
    try {
      const answer = verify(question);
      return answer instanceof Promise ? answer.catch(forgive) : answer;
    } catch (error) {
      return forgive(error);
    }
  };

let roots: TrustStore | undefined;

/** The certificates that Node trusts, with those of NODE_EXTRA_CA_CERTS where it tells them. */
function rootTrust(): TrustStore {
  // Since Node 22.15
  const { getCACertificates } = tls as { getCACertificates?: (type: "default") => string[] };
  roots ??= createTrustStore(getCACertificates?.("default") ?? tls.rootCertificates);
  return roots;
}
