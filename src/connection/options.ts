import { noble, type Provider, type Scheme, schemes, type Suite, suites } from "../crypto/index.ts";
import { type Group, groups } from "../groups/index.ts";
import type {
  ClientConfig,
  CommonConfig,
  OfferedPsk,
  PskLookup,
  ServerConfig,
  TicketIssuer,
  VerifyPeer,
} from "../handshake/index.ts";
import {
  type Certificate,
  type Credential,
  parseCertificate,
  type TrustStore,
  verifyChain,
} from "../identity/index.ts";
import { defaultLimits, type Limits, type Observer, type PaddingPolicy } from "../record/index.ts";
import { find, resolve } from "./names.ts";

/** Options of both roles. All lists are in order of preference. */
export interface CommonOptions {
  /** Default: `noble`, which runs anywhere. */
  readonly provider?: Provider;
  /** Cipher suites, by name or as values. */
  readonly suites?: readonly (string | Suite)[];
  /** Key-exchange groups, by name or as values of one's own. Default: {@link defaultGroups}. */
  readonly groups?: readonly (string | Group)[];
  /** Signature schemes that are accepted from the peer. */
  readonly schemes?: readonly (string | Scheme)[];
  /** Protocol names for ALPN (RFC 7301). */
  readonly alpn?: readonly string[];
  /** Certificates with their signers; the first that the peer accepts is used. */
  readonly credentials?: readonly Credential[];
  /** Certificates that are trusted without proof; needed to verify the peer. */
  readonly trust?: TrustStore;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
  /** Looks like TLS 1.2 to middleboxes (RFC 9846 Appendix E.4). Default: true. */
  readonly middleboxCompatibility?: boolean;
  readonly padding?: PaddingPolicy;
  readonly limits?: Partial<Limits>;
  /** Gets lines in the format of RFC 9850. Whoever has them can read the connection. */
  readonly keyLog?: (line: string) => void;
  readonly observer?: Observer;
  /** Reads certificates; a function that keeps what it has read saves time. */
  readonly readCertificate?: (der: Uint8Array, where: string) => Certificate;
  /** Called when an asynchronous operation has ended: there may be output and events to take. */
  readonly onProgress?: () => void;
}

export interface ClientOptions extends CommonOptions {
  /** Host name for SNI and verification, or an IP address for verification. */
  readonly serverName?: string;
  /** Groups whose shares the first ClientHello carries. Default: the first of `groups`. */
  readonly shares?: readonly (string | Group)[];
  /** Lets the shares of one ClientHello have a component's key pair in common (RFC 9954 §3.2). */
  readonly reuseComponents?: boolean;
  /** Verifies the server's chain. Default: by path to `trust`, for `serverName`. */
  readonly verifyServer?: VerifyPeer;
  /** Sessions or external keys to offer, best first. */
  readonly psks?: readonly OfferedPsk[];
  /** Accepts a PSK without key exchange: no forward secrecy. */
  readonly allowPskOnly?: boolean;
}

export interface ServerOptions extends CommonOptions {
  /** Asks for a client certificate. Default: `none`. */
  readonly clientAuthentication?: "none" | "request" | "require";
  /** Verifies a client's chain. Default: by path to `trust`. */
  readonly verifyClient?: VerifyPeer;
  /** Whose preference decides. Default: `server`. */
  readonly preference?: "server" | "client";
  /** Sends a cookie with a HelloRetryRequest (RFC 9846 §4.3.2). */
  readonly retryCookie?: boolean;
  readonly lookUpPsk?: PskLookup;
  readonly allowPskOnly?: boolean;
  readonly tickets?: TicketIssuer;
}

const byName = (...names: string[]): readonly Group[] =>
  names.map((name) => find("groups", groups, name));

/** Hybrids first; the drafts and pure ML-KEM only on request. */
export const defaultGroups: readonly Group[] = byName(
  "X25519MLKEM768",
  "SecP256r1MLKEM768",
  "SecP384r1MLKEM1024",
  "x25519",
  "secp256r1",
  "secp384r1",
  "x448",
  "secp521r1",
);

export const limitsOf = (options: CommonOptions): Limits => ({
  ...defaultLimits,
  ...options.limits,
});

function commonConfig(options: CommonOptions): CommonConfig {
  return {
    provider: options.provider ?? noble,
    suites: resolve("suites", suites, options.suites, suites),
    groups: resolve("groups", groups, options.groups, defaultGroups),
    schemes: resolve("signature schemes", schemes, options.schemes, schemes),
    alpn: options.alpn ?? [],
    credentials: options.credentials ?? [],
    readCertificate: options.readCertificate ?? parseCertificate,
    now: options.now ?? Date.now,
    middleboxCompatibility: options.middleboxCompatibility ?? true,
    keyLog: options.keyLog,
  };
}

/** @throws RangeError for names that do not exist, TypeError where nothing says whom to trust */
export function clientConfig(options: ClientOptions): ClientConfig {
  const common = commonConfig(options);
  const { trust } = options;
  const verifyServer = options.verifyServer ?? (trust && verifyAgainst(trust));
  if (verifyServer === undefined) {
    throw new TypeError("a client needs `trust`, the certificates to trust, or `verifyServer`");
  }
  const shares = resolve("groups", common.groups, options.shares, common.groups.slice(0, 1));
  return {
    ...common,
    serverName: options.serverName,
    shares,
    reuseComponents: options.reuseComponents ?? false,
    verifyServer,
    psks: options.psks ?? [],
    allowPskOnly: options.allowPskOnly ?? false,
    earlyData: false,
  };
}

/** @throws RangeError for names that do not exist, TypeError where something is missing */
export function serverConfig(options: ServerOptions): ServerConfig {
  const common = commonConfig(options);
  const { trust } = options;
  const clientAuthentication = options.clientAuthentication ?? "none";
  const verifyClient = options.verifyClient ?? (trust && verifyAgainst(trust));
  if (clientAuthentication !== "none" && verifyClient === undefined) {
    throw new TypeError("to authenticate clients a server needs `trust` or `verifyClient`");
  }
  if (common.credentials.length === 0 && options.lookUpPsk === undefined) {
    throw new TypeError("a server needs `credentials`: a certificate with its key");
  }
  return {
    ...common,
    clientAuthentication,
    verifyClient,
    preference: options.preference ?? "server",
    retryCookie: options.retryCookie ?? false,
    lookUpPsk: options.lookUpPsk,
    allowPskOnly: options.allowPskOnly ?? false,
    tickets: options.tickets,
    maxEarlyData: 0,
  };
}

/** The ordinary way: a path to a trusted certificate, now, for that name. */
const verifyAgainst =
  (trust: TrustStore): VerifyPeer =>
  ({ chain, usage, name, now, provider }) => ({
    chain,
    verified: verifyChain({
      chain,
      trust,
      usage,
      now,
      provider,
      ...(name === undefined ? {} : { name }),
    }),
  });

/**
 * Accepts any certificate, from anybody. The peer still proves that it has the key, which stops nobody
 * who sits in between. For experiments; nothing uses it by itself.
 */
export const acceptAnyCertificate: VerifyPeer = ({ chain }) => ({ chain, verified: undefined });
