import type { Authorize } from "../authorization/index.ts";
import type { KemScheme, Provider, Scheme, Suite } from "../crypto/index.ts";
import type { ConnectionHistory, Detector } from "../detection/index.ts";
import type { Group } from "../groups/index.ts";
import type {
  ContinuityCache,
  OfferedPsk,
  CertificateCompressor,
  Preference,
  PskLookup,
  ReplayGuard,
  RetryPolicy,
  ServerIdentity,
  SessionOrigin,
  Tickets,
  VerifyPeer,
  StoredKey,
} from "../handshake/index.ts";
import type {
  Certificate,
  CertificateCache,
  Credential,
  RevocationOptions,
  TrustStore,
} from "../identity/index.ts";
import type { OwnExtension, SelectProtocol } from "../extensions/index.ts";
import type { Policy, PolicyName } from "../policy/index.ts";
import type { Limits, Observer, PaddingPolicy } from "../record/index.ts";
import type { CertificateType } from "../registry/index.ts";

/** Options of both roles. All lists are in order of preference. */
export interface CommonOptions {
  /** Default: `noble`, which runs anywhere. */
  readonly provider?: Provider;
  /** Cipher suites, by name or as values. */
  readonly suites?: readonly (string | Suite)[];
  /** Key-exchange groups, by name or as custom values. Default: {@link defaultGroups}. */
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
  /** Zero bytes that are added to the content of each record that we send (RFC 9846 §5.4). Default: none. */
  readonly padding?: PaddingPolicy;
  /** What a peer may make us hold or do; what is left out is as in {@link defaultLimits}. */
  readonly limits?: Partial<Limits>;
  /** Gets lines in the format of RFC 9850. Whoever has them can read the connection. */
  readonly keyLog?: (line: string) => void;
  /** Watches messages and records, both directions. Default: nobody. */
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
  /** Extensions of your own: offered in ClientHello, answered in EncryptedExtensions. Default: none. */
  readonly extensions?: readonly OwnExtension[];
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
   * What the connection may come to: a preset's name, or a custom value. It takes away from the
   * other options, and ends a connection that would break it. Default: none.
   */
  readonly policy?: PolicyName | Policy;
  /** Custom detectors, which are asked after those that are always there. */
  readonly detectors?: readonly Detector[];
  /**
   * Decides what the authenticated peer may do, before a byte of its data is delivered; early data too
   * waits for it. A refusal ends the connection with `access_denied`. Default: whoever is verified may.
   */
  readonly authorize?: Authorize;
  /**
   * Takes keys that encapsulate as proof of who the peer is: AuthKEM (draft-celi-wiggers-tls-authkem-07), which is
   * experimental. Default: none are taken. Such keys of our own are credentials as others: `createKemCredential`.
   */
  readonly authKem?: AuthKemOptions;
  /** Called when an asynchronous operation has ended: there may be output and events to take. */
  readonly onProgress?: () => void;
}

/** How a peer may authenticate by KEM. */
export interface AuthKemOptions {
  /** By name or as values (`defineKemScheme`), best first. Default: all that have a name, ML-KEM-768 first. */
  readonly schemes?: readonly (string | KemScheme)[];
}

/** As {@link AuthKemOptions}, for a client. */
export interface ClientAuthKemOptions extends AuthKemOptions {
  /**
   * Writes as soon as our own Finished is out. Only the server with the right key can read it, but whether that is
   * there, and which algorithms it chose, shows only its Finished. Default: false, data waits for that.
   */
  readonly writeBeforeFinished?: boolean;
  /**
   * The server's certificates or raw key, known from before: `negotiated.peer` of an earlier connection is one. The
   * client encapsulates to it in its ClientHello (draft-wiggers-tls-authkem-psk-05): the server shows nothing, and is
   * known a round trip earlier. It is verified anew, and not offered if that fails, nor beside `psks`. A server
   * without the key goes on with a full handshake.
   */
  readonly storedKey?: StoredKey;
  /**
   * Shows our own certificate, one whose key encapsulates, with the first flight, under the first of `suites`; only a
   * server that knows early_auth can go on from there. It has no forward secrecy: who gets the server's key later can read
   * whose it was. Needs `storedKey`. Default: false, a server that asks for it goes on with a full handshake.
   */
  readonly presentEarly?: boolean;
}

/** How a client keeps servers to their promises: draft-sheffer-tls-pqc-continuity-02. */
export interface ClientContinuityOptions {
  /** `new MemoryContinuityCache()`, or one that lasts. */
  readonly cache: ContinuityCache;
  /** Under which this server's promise is kept. Default: `serverName`; add the port where it matters. */
  readonly key?: string;
  /** Seconds for which a promise is believed at most. Default: a year. */
  readonly longest?: number;
  /** ExtensionType, which is not assigned yet: both ends must say the same. Default: 0xff5a. */
  readonly type?: number;
}

/** What a server promises: draft-sheffer-tls-pqc-continuity-02. */
export interface ServerContinuityOptions {
  /** Seconds for which it will show post-quantum certificates; 0 takes back what was promised before. */
  readonly period: number;
  /** As {@link ClientContinuityOptions.type}. */
  readonly type?: number;
}

/**
 * What a client's connection is made of: whom it trusts, whom it expects, what it offers. Unknown names and wrong
 * types are refused.
 */
export interface ClientOptions extends CommonOptions {
  /** Asks for promises of post-quantum certificates, and insists on those that were made. Experimental. Default: no. */
  readonly pqcContinuity?: ClientContinuityOptions;
  /** As {@link CommonOptions.authKem}, with what only a client decides. */
  readonly authKem?: ClientAuthKemOptions;
  /**
   * Host name for SNI and verification, or an IP address for verification. A name in letters that are not
   * ASCII is converted to A-labels. Verification by `trust` needs one.
   */
  readonly serverName?: string;
  /**
   * Groups whose shares the first ClientHello carries. Default: the first of `groups`; where `history` or the session that
   * is offered say that the server took another, that one too, or alone if it is not weaker.
   */
  readonly shares?: readonly (string | Group)[];
  /** Lets the shares of one ClientHello have a component's key pair in common (RFC 9954 §3.2). */
  readonly reuseComponents?: boolean;
  /**
   * Verifies the server's chain, and says who vouches for it: `{ chain, vouchedBy: "my library" }`. Asked
   * again before a session is offered (`question.resumed`). Default: by path to `trust`, for `serverName`.
   */
  readonly verifyServer?: VerifyPeer;
  /**
   * Sessions or external keys to offer, best first. A session is offered if its server would be accepted
   * now: trust, revocation, validity and policy are asked again before anything is sent.
   */
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
  /** Remembers connections, so that a server that becomes weaker is found out. Default: none. */
  readonly history?: ConnectionHistory;
  /** Under which the server is remembered. Default: `serverName`; add a port where it matters. */
  readonly historyKey?: string;
}

/**
 * What a server's connection is made of: who it is, whom it asks for, what it accepts. Unknown names and wrong
 * types are refused.
 */
export interface ServerOptions extends CommonOptions {
  /** Promises post-quantum certificates to clients that ask, where the chain is such a one. Experimental. Default: no. */
  readonly pqcCommitment?: ServerContinuityOptions;
  /** Asks for a client certificate. Default: `none`. */
  readonly clientAuthentication?: "none" | "request" | "require";
  /** As {@link ClientOptions.verifyServer}, for a client's chain. Default: by path to `trust`. */
  readonly verifyClient?: VerifyPeer;
  /**
   * Says who the server is for the host name that a client asks for: asked once for each connection that names
   * one, before anything is chosen. What it throws refuses the client. `undefined`: as for all others.
   * Default: `credentials`, of which those for the name come first.
   */
  readonly identityFor?: (
    serverName: string,
  ) => ServerIdentity | undefined | PromiseLike<ServerIdentity | undefined>;
  /**
   * Chooses the application protocol for a client that offers some (RFC 7301), in the place of `alpn`; `undefined`
   * refuses it with `no_application_protocol`. Default: the first of `alpn` that the client offers.
   */
  readonly selectProtocol?: SelectProtocol;
  /** Whose preference decides between suites, and between groups. Default: `server`. */
  readonly suitePreference?: Preference;
  /** Whose order decides between groups that both ends support. Default: `server`. */
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

/** What may be another for each client, where all else was prepared for many. */
export type OwnClientOptions = Pick<
  ClientOptions,
  "serverName" | "psks" | "earlyData" | "historyKey" | OwnOption
>;
/** What may be another for each server, where all else was prepared for many. */
export type OwnServerOptions = Pick<ServerOptions, OwnOption>;
type OwnOption = "keyLog" | "observer" | "onProgress";
