import type { Authorize } from "../authorization/index.ts";
import {
  knownSchemes,
  noble,
  type Provider,
  type Scheme,
  schemes,
  type Suite,
  suites,
} from "../crypto/index.ts";
import type { ConnectionHistory } from "../detection/index.ts";
import { type Group, groups } from "../groups/index.ts";
import type {
  ClientConfig,
  CommonConfig,
  OfferedPsk,
  CertificateCompressor,
  Preference,
  PskLookup,
  ReplayGuard,
  RetryPolicy,
  ServerConfig,
  SessionOrigin,
  Tickets,
  VerifyPeer,
} from "../handshake/index.ts";
import {
  type Certificate,
  type CertificateCache,
  type Credential,
  parseCertificate,
  type RevocationOptions,
  type TrustStore,
} from "../identity/index.ts";
import {
  acceptsOrigin,
  allowedChainSchemes,
  allowedCredentials,
  allowedGroups,
  allowedSchemes,
  allowedSuites,
  mayResume,
  type Policy,
  type PolicyName,
  policyOf,
  withChainRule,
} from "../policy/index.ts";
import { defaultLimits, type Limits, type Observer, type PaddingPolicy } from "../record/index.ts";
import { CertificateType } from "../registry/index.ts";
import { find, resolve } from "./names.ts";
import { standardVerification } from "./verification.ts";

/** Options of both roles. All lists are in order of preference. */
export interface CommonOptions {
  /** Default: `noble`, which runs anywhere. */
  readonly provider?: Provider;
  /** Cipher suites, by name or as values. */
  readonly suites?: readonly (string | Suite)[];
  /** Key-exchange groups, by name or as values of one's own. Default: {@link defaultGroups}. */
  readonly groups?: readonly (string | Group)[];
  /** Signature schemes that are accepted from the peer. Default: all but SLH-DSA. */
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
  /**
   * Takes a hello whose legacy_version is not 0x0303, from 0x0301 on. RFC 9846 §4.2.2 and §4.2.3 forbid
   * it, and §4.3.1 says to ignore the field. Default: false.
   */
  readonly tolerateLegacyVersion?: boolean;
  /** Sends values that peers must ignore (RFC 8701). Default: false. */
  readonly grease?: boolean;
  /** Content bytes of a record that we send, 1 to 2^14. Default: 2^14. */
  readonly maxFragment?: number;
  readonly padding?: PaddingPolicy;
  readonly limits?: Partial<Limits>;
  /** Gets lines in the format of RFC 9850. Whoever has them can read the connection. */
  readonly keyLog?: (line: string) => void;
  readonly observer?: Observer;
  /** Signature schemes accepted in certificates, where they differ from `schemes`. */
  readonly certificateSchemes?: readonly (string | Scheme)[];
  /** Raw public keys that are trusted (RFC 7250): SubjectPublicKeyInfo in DER. */
  readonly trustedKeys?: readonly Uint8Array[];
  /**
   * What the peer may present, in order of preference. Default: `X509`; with `trustedKeys` also, and
   * first, `RawPublicKey`.
   */
  readonly certificateTypes?: readonly (keyof typeof CertificateType)[];
  /** Schemes of delegated credentials that are accepted (RFC 9345). Default: none. */
  readonly delegatedSchemes?: readonly (string | Scheme)[];
  /** Tells the peer which authorities we trust: distinguished names in DER (RFC 9846 §4.3.4). */
  readonly certificateAuthorities?: readonly Uint8Array[];
  /** Compresses and decompresses certificates (RFC 8879). Default: none. */
  readonly certificateCompression?: readonly CertificateCompressor[];
  /** Asks for stapled OCSP responses and SCTs. Default: false. */
  readonly stapling?: boolean;
  /** The largest inner plaintext that we take, 64 to 16385 bytes (RFC 8449). Default: not negotiated. */
  readonly recordSizeLimit?: number;
  /** Reads certificates. Default: by way of `cache`, if there is one. */
  readonly readCertificate?: (der: Uint8Array, where: string) => Certificate;
  /**
   * Remembers certificates that were read and signatures on them that were right, for all connections
   * that have it in common. Default: none, so that every handshake does all of its work.
   */
  readonly cache?: CertificateCache;
  /**
   * Lists and OCSP responses, for verification by `trust`; a function is asked for every peer. A
   * response that the peer staples is checked in any case (RFC 6066 §8). Default: no more than that.
   */
  readonly revocation?: RevocationOptions | (() => RevocationOptions);
  /**
   * What the connection may come to: a preset's name, or a value of one's own. It takes away from the
   * other options, and ends a connection that would break it. Default: none.
   */
  readonly policy?: PolicyName | Policy;
  /**
   * Decides what the authenticated peer may do, before a byte of its data is delivered; early data too
   * waits for it. A refusal ends the connection with `access_denied`. Default: whoever is verified may.
   */
  readonly authorize?: Authorize;
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
  /**
   * Sends what is written before the handshake is over with the first flight, if the first session
   * allows it. Whoever records it can send it again: say so only for what is safe to repeat. If the server
   * refuses it, a connection leaves it to you to write it again (`negotiated.earlyData` says so); a socket
   * does so itself, or fails with `early_data_refused` where the server took another application protocol.
   */
  readonly earlyData?: "safe-to-replay";
  /** Answers a request for a certificate after the handshake. Default: false. */
  readonly postHandshakeAuthentication?: boolean;
  /** Verifies the server's chain again when a session is resumed. Default: false. */
  readonly reverifyResumed?: boolean;
  /** Remembers connections, so that a server that becomes weaker is found out. Default: none. */
  readonly history?: ConnectionHistory;
  /** Under which the server is remembered. Default: `serverName`; add a port where it matters. */
  readonly historyKey?: string;
}

export interface ServerOptions extends CommonOptions {
  /** Asks for a client certificate. Default: `none`. */
  readonly clientAuthentication?: "none" | "request" | "require";
  /** Verifies a client's chain. Default: by path to `trust`. */
  readonly verifyClient?: VerifyPeer;
  /** Whose preference decides between suites, and between groups. Default: `server`. */
  readonly suitePreference?: Preference;
  readonly groupPreference?: Preference;
  /** When another group's share is worth a HelloRetryRequest. Default: `for-post-quantum`. */
  readonly retry?: RetryPolicy;
  /** Sends a cookie with a HelloRetryRequest (RFC 9846 §4.3.2). */
  readonly retryCookie?: boolean;
  /** Makes tickets, so that clients can resume. Default: none. */
  readonly tickets?: Tickets;
  /** Finds external keys. */
  readonly lookUpPsk?: PskLookup;
  /** Accepts a PSK without key exchange: no forward secrecy. */
  readonly allowPskOnly?: boolean;
  /** Whether a session may be resumed, by its origin: `(origin) => origin.postQuantum`, say. */
  readonly acceptOrigin?: (origin: SessionOrigin) => boolean;
  /** Takes 0-RTT data, at most `maxSize` bytes, each once. Default: refused. */
  readonly earlyData?: {
    readonly maxSize: number;
    /** Shared by all processes that accept the same tickets. */
    readonly replayGuard: ReplayGuard;
    /** Milliseconds by which a ticket's age may be off. Default: 10 000. */
    readonly window?: number;
  };
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
  const config = namedConfig(options);
  if (options.policy === undefined) return config;
  const policy = policyOf(options.policy);
  return {
    ...config,
    suites: allowedSuites(policy, config.suites),
    groups: allowedGroups(policy, config.groups),
    schemes: allowedSchemes(policy, config.schemes),
    credentials: allowedCredentials(policy, config.credentials),
    certificateSchemes:
      allowedChainSchemes(policy, config.certificateSchemes ?? config.schemes) ??
      config.certificateSchemes,
  };
}

/** The groups that a policy names are those to begin with where the caller names none. */
function groupsToBeginWith({ policy }: CommonOptions): readonly Group[] {
  const named = policy === undefined ? "any" : policyOf(policy).groups;
  return typeof named === "string" ? defaultGroups : byName(...named);
}

function namedConfig(options: CommonOptions): CommonConfig {
  return {
    provider: options.provider ?? noble,
    suites: resolve("suites", suites, options.suites, suites),
    groups: resolve("groups", groups, options.groups, groupsToBeginWith(options)),
    schemes: resolve("signature schemes", knownSchemes, options.schemes, schemes),
    alpn: options.alpn ?? [],
    credentials: options.credentials ?? [],
    certificateSchemes:
      options.certificateSchemes &&
      resolve("signature schemes", knownSchemes, options.certificateSchemes, schemes),
    certificateTypes: certificateTypes(options).map((name) => CertificateType[name]),
    delegatedSchemes:
      options.delegatedSchemes === undefined
        ? []
        : resolve("signature schemes", knownSchemes, options.delegatedSchemes, schemes),
    certificateAuthorities: options.certificateAuthorities ?? [],
    certificateCompression: options.certificateCompression ?? [],
    stapling: options.stapling ?? false,
    recordSizeLimit: checkedRecordSize(options.recordSizeLimit),
    limits: limitsOf(options),
    readCertificate: readerOf(options),
    now: options.now ?? Date.now,
    middleboxCompatibility: options.middleboxCompatibility ?? true,
    tolerateLegacyVersion: options.tolerateLegacyVersion ?? false,
    grease: options.grease ?? false,
    keyLog: options.keyLog,
  };
}

/** @throws RangeError for names that do not exist, TypeError where nothing says whom to trust */
export function clientConfig(options: ClientOptions): ClientConfig {
  const common = commonConfig(options);
  const policy = options.policy === undefined ? undefined : policyOf(options.policy);
  const verifyServer = options.verifyServer ?? verificationOf(options, common);
  if (verifyServer === undefined) {
    throw new TypeError("a client needs `trust`, the certificates to trust, or `verifyServer`");
  }
  if (common.schemes.every(({ clientOnly }) => clientOnly === true)) {
    throw new RangeError("`schemes` has none that a server may sign with (RFC 9963 §2)");
  }
  // No share at all asks for a HelloRetryRequest (RFC 9846 §4.3.8)
  const shares =
    options.shares?.length === 0
      ? []
      : resolve("groups", common.groups, options.shares, common.groups.slice(0, 1));
  return {
    ...common,
    ...ownClientConfig(options),
    shares,
    reuseComponents: options.reuseComponents ?? false,
    verifyServer: policy === undefined ? verifyServer : withChainRule(policy, verifyServer),
    allowPskOnly: options.allowPskOnly ?? false,
    postHandshakeAuthentication: options.postHandshakeAuthentication ?? false,
    reverifyResumed: options.reverifyResumed ?? false,
  };
}

/** What may be another for each connection. @throws TypeError for early data that nobody could answer for */
export function ownClientConfig(
  options: ClientOptions,
): Pick<ClientConfig, "serverName" | "psks" | "earlyData" | "keyLog"> {
  if (options.authorize !== undefined && options.earlyData !== undefined) {
    throw new TypeError("`earlyData` would go out before `authorize` has decided");
  }
  const policy = options.policy === undefined ? undefined : policyOf(options.policy);
  return {
    serverName: options.serverName,
    psks: (options.psks ?? []).filter((psk) => policy === undefined || mayResume(policy, psk)),
    earlyData: options.earlyData === "safe-to-replay",
    keyLog: options.keyLog,
  };
}

/** @throws RangeError for names that do not exist, TypeError where something is missing */
export function serverConfig(options: ServerOptions): ServerConfig {
  const common = commonConfig(options);
  const policy = options.policy === undefined ? undefined : policyOf(options.policy);
  const acceptOrigin = options.acceptOrigin ?? (() => true);
  const clientAuthentication = options.clientAuthentication ?? "none";
  const verifyClient = options.verifyClient ?? verificationOf(options, common);
  if (clientAuthentication !== "none" && verifyClient === undefined) {
    throw new TypeError("to authenticate clients a server needs `trust` or `verifyClient`");
  }
  if (common.credentials.length === 0 && options.lookUpPsk === undefined) {
    throw new TypeError("a server needs `credentials`: a certificate with its key");
  }
  return {
    ...common,
    clientAuthentication,
    verifyClient:
      policy === undefined || verifyClient === undefined
        ? verifyClient
        : withChainRule(policy, verifyClient),
    suitePreference: options.suitePreference ?? "server",
    groupPreference: options.groupPreference ?? "server",
    retry: options.retry ?? "for-post-quantum",
    retryCookie: options.retryCookie ?? false,
    lookUpPsk: options.lookUpPsk,
    allowPskOnly: options.allowPskOnly ?? false,
    tickets: options.tickets,
    acceptOrigin:
      policy === undefined
        ? acceptOrigin
        : (origin) => acceptsOrigin(policy, origin) && acceptOrigin(origin),
    earlyData: options.earlyData && { window: 10_000, ...options.earlyData },
  };
}

/** RFC 8449 §4. */
function checkedRecordSize(limit: number | undefined): number | undefined {
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 64 || limit > 2 ** 14 + 1)) {
    throw new RangeError(`recordSizeLimit must be 64 to 16385 bytes, not ${limit}`);
  }
  return limit;
}

function certificateTypes({
  certificateTypes: given,
  trust,
  trustedKeys,
}: CommonOptions): NonNullable<CommonOptions["certificateTypes"]> {
  if (given !== undefined) return given;
  if (trustedKeys === undefined) return ["X509"];
  return trust === undefined ? ["RawPublicKey"] : ["RawPublicKey", "X509"];
}

function readerOf({ readCertificate, cache }: CommonOptions): CommonConfig["readCertificate"] {
  if (readCertificate !== undefined) return readCertificate;
  return cache === undefined ? parseCertificate : (der, where) => cache.parse(der, where);
}

/**
 * How a peer is verified with these options, if they name no `verifyServer` or `verifyClient`;
 * `undefined` where nobody is trusted.
 */
export const defaultVerification = (options: CommonOptions): VerifyPeer | undefined =>
  verificationOf(options, commonConfig(options));

/** What is accepted in certificates is what the peer was told (RFC 9846 §4.3.3). */
const verificationOf = (
  { trust, trustedKeys, cache, revocation }: CommonOptions,
  { schemes: inHandshake, certificateSchemes = inHandshake }: CommonConfig,
): VerifyPeer | undefined =>
  standardVerification(trust, trustedKeys, { cache, revocation, schemes: certificateSchemes });
