import type { Provider, Scheme, Suite } from "../crypto/index.ts";
import type { Group } from "../groups/index.ts";
import type { Certificate, Credential } from "../identity/index.ts";
import type { VerifyPeer } from "./peer.ts";
import type { OfferedPsk, PskLookup, TicketIssuer } from "./psk.ts";

/** What both roles are configured with, complete: defaults are the connection's business. */
export interface CommonConfig {
  readonly provider: Provider;
  /** In order of preference, as are all lists here. */
  readonly suites: readonly Suite[];
  readonly groups: readonly Group[];
  /** Accepted in the peer's CertificateVerify and certificates. */
  readonly schemes: readonly Scheme[];
  /** Protocol names (RFC 7301); none: ALPN is not used. */
  readonly alpn: readonly string[];
  readonly credentials: readonly Credential[];
  /** Reads a certificate, possibly from a cache. */
  readonly readCertificate: (der: Uint8Array, where: string) => Certificate;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** RFC 9846 Appendix E.4. */
  readonly middleboxCompatibility: boolean;
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
  readonly verifyServer: VerifyPeer;
  readonly psks: readonly OfferedPsk[];
  /** psk_ke, without a key exchange: no forward secrecy. */
  readonly allowPskOnly: boolean;
  readonly earlyData: boolean;
}

export interface ServerConfig extends CommonConfig {
  readonly clientAuthentication: "none" | "request" | "require";
  readonly verifyClient?: VerifyPeer | undefined;
  /** Whose order decides where both have one. */
  readonly preference: "server" | "client";
  /** Sends a cookie with a HelloRetryRequest and wants it back (RFC 9846 §4.3.2). */
  readonly retryCookie: boolean;
  readonly lookUpPsk?: PskLookup | undefined;
  readonly allowPskOnly: boolean;
  readonly tickets?: TicketIssuer | undefined;
  /** Bytes of 0-RTT data that a ticket allows; 0 turns it off. */
  readonly maxEarlyData: number;
}
