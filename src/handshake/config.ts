import type {
  KemScheme,
  Provider,
  PublicKeyInfo,
  Scheme,
  SchemeTable,
  Suite,
} from "../crypto/index.ts";
import type { LegacyVersionRule, OwnExtension, SelectProtocol } from "../extensions/index.ts";
import type { Group } from "../groups/index.ts";
import type { Certificate, Credential } from "../identity/index.ts";
import type { Limits } from "../record/index.ts";
import type { VerifyPeer } from "../schedule/index.ts";
import type { ClientContinuity, ServerContinuity } from "./continuity.ts";
import type { CertificateCompressor } from "./authentication/compressor.ts";
import type { OfferedPsk, PskLookup, ReplayGuard, SessionOrigin, Tickets } from "./psk.ts";

/** What both roles are configured with, complete: defaults are the connection's business. */
export interface CommonConfig extends LegacyVersionRule {
  readonly provider: Provider;
  /** In order of preference, as are all lists here. */
  readonly suites: readonly Suite[];
  readonly groups: readonly Group[];
  /** Accepted in the peer's CertificateVerify and certificates. */
  readonly schemes: readonly Scheme[];
  /** By which a peer may authenticate with a KEM's key (AuthKEM); none: it is not offered. Experimental. */
  readonly kemSchemes: readonly KemScheme[];
  /** All that have a meaning here, by name and code point, whether or not they are accepted. */
  readonly knownSchemes: SchemeTable;
  /** Protocol names (RFC 7301); none: ALPN is not used. */
  readonly alpn: readonly string[];
  readonly credentials: readonly Credential[];
  /** In certificates, where that differs from {@link schemes}. */
  readonly certificateSchemes?: readonly Scheme[] | undefined;
  /** Names of the authorities that we trust, in DER, to be sent to the peer; may be none. */
  readonly certificateAuthorities: readonly Uint8Array[];
  /** CertificateType that we take from the peer (RFC 7250), in order of preference. */
  readonly certificateTypes: readonly number[];
  /** Schemes of delegated credentials that we take (RFC 9345); none: they are not offered. */
  readonly delegatedSchemes: readonly Scheme[];
  /** What we can compress and decompress (RFC 8879); none: it is not offered. */
  readonly certificateCompression: readonly CertificateCompressor[];
  /** Asks for OCSP responses and SCTs in the peer's Certificate. */
  readonly stapling: boolean;
  /** The largest inner plaintext that we take (RFC 8449), 64 to 2^14 + 1; absent: not offered. */
  readonly recordSizeLimit?: number | undefined;
  /** The caller's own. */
  readonly extensions: readonly OwnExtension[];
  readonly limits: Limits;
  /** Reads a certificate, possibly from a cache. */
  readonly readCertificate: (der: Uint8Array, where: string) => Certificate;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** RFC 9846 Appendix E.4. */
  readonly middleboxCompatibility: boolean;
  /** Sends values that mean nothing (RFC 8701). */
  readonly grease: boolean;
  /** Takes lines in the format of RFC 9850. */
  readonly keyLog?: ((line: string) => void) | undefined;
}

export interface ClientConfig extends CommonConfig {
  /** Host name for SNI and for verification; an IP address is only verified. */
  readonly serverName?: string | undefined;
  /** Groups for which the first ClientHello carries a share. */
  readonly shares: readonly Group[];
  /** RFC 9954 §3.2: entries of one ClientHello may share the key pair of a component. */
  readonly reuseComponents: boolean;
  /** Keeps servers to their promise of post-quantum certificates (draft-sheffer-tls-pqc-continuity-02). */
  readonly continuity?: ClientContinuity | undefined;
  /** May write to a server that has still to send its Finished (AuthKEM): only the right one can read it. */
  readonly writeBeforeFinished: boolean;
  /** A server's key that is known before (AuthKEM). */
  readonly storedKey?: StoredKey | undefined;
  /** Shows our certificate with the first flight to the server whose key is known. */
  readonly presentEarly: boolean;
  readonly verifyServer: VerifyPeer;
  readonly psks: readonly OfferedPsk[];
  /** psk_ke, without a key exchange: no forward secrecy. */
  readonly allowPskOnly: boolean;
  /** Sends what is written before the handshake is over as 0-RTT data, if the first PSK allows it. */
  readonly earlyData: boolean;
  /** Answers a CertificateRequest after the handshake (RFC 9846 §4.7.2). */
  readonly postHandshakeAuthentication: boolean;
}

/** A server's certificates, leaf first, or its raw key: what an earlier connection's `negotiated.peer` holds. */
export interface StoredKey {
  /** Empty for a raw key. */
  readonly chain: readonly Certificate[];
  /** The key, where there is no certificate (RFC 7250). */
  readonly rawPublicKey?: PublicKeyInfo | undefined;
}

export interface ServerConfig extends CommonConfig {
  readonly clientAuthentication: "none" | "request" | "require";
  /** Promises post-quantum certificates (draft-sheffer-tls-pqc-continuity-02). */
  readonly continuity?: ServerContinuity | undefined;
  readonly verifyClient?: VerifyPeer | undefined;
  /** Who answers for a host name, if that is not for these credentials and this verifier. */
  readonly identityFor?:
    | ((serverName: string) => MaybeIdentity | PromiseLike<MaybeIdentity>)
    | undefined;
  /** Whose order decides where both have one. */
  readonly suitePreference: Preference;
  readonly groupPreference: Preference;
  /** When a group without a share is worth a HelloRetryRequest. */
  readonly retry: RetryPolicy;
  /** Sends a cookie with a HelloRetryRequest and wants it back (RFC 9846 §4.3.2). */
  readonly retryCookie: boolean;
  readonly tickets?: Tickets | undefined;
  readonly lookUpPsk?: PskLookup | undefined;
  readonly allowPskOnly: boolean;
  /** Whether a session may be resumed, by where its key came from. */
  /** Chooses the application protocol in the place of `alpn`. */
  readonly selectProtocol?: SelectProtocol | undefined;
  readonly acceptOrigin: (origin: SessionOrigin) => boolean;
  readonly earlyData?: EarlyDataPolicy | undefined;
}

/** Who a server is for one name, and how it verifies that name's clients. */
export interface ServerIdentity {
  /** Certificates with their signers; the first that the client accepts is used. */
  readonly credentials: readonly Credential[];
  /** Absent: as for every other name. */
  readonly verifyClient?: VerifyPeer;
}
type MaybeIdentity = ServerIdentity | undefined;

/** Whose order decides where both ends have several: the server's, or the client's. */
export type Preference = "server" | "client";

/**
 * When a server asks for another share than those it has: always for its preferred group, only to gain
 * a post-quantum exchange, or only if no share fits.
 */
export type RetryPolicy = "for-preferred" | "for-post-quantum" | "if-needed";

/** How a server takes 0-RTT data (RFC 9846 §8). */
export interface EarlyDataPolicy {
  /** Bytes, in tickets and while receiving. */
  readonly maxSize: number;
  readonly replayGuard: ReplayGuard;
  /** Milliseconds by which a ticket's age may differ from what the client says. */
  readonly window: number;
}
