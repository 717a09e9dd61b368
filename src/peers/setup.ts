/** What an end of a handshake is asked to do, whichever implementation it is. */

/** Keys that a peer may have to load. */
export const credentialKinds = ["ecdsa", "rsa", "ed25519", "ml-dsa"] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** What is absent is as the implementation has it by itself. Names are those of the registry. */
export interface EndSetup {
  /** That it has, best first. */
  readonly groups?: readonly string[];
  /** One that offers and takes a hybrid where nobody says anything about groups. */
  readonly hybridByDefault?: true;
  /** A client's first shares. */
  readonly shares?: readonly string[];
  readonly suites?: readonly string[];
  /** The key of a server's certificate. Default: `ecdsa`. */
  readonly credential?: CredentialKind;
  /** A server's certificate does not fit a record. */
  readonly largeCertificate?: true;
  /** A client that has a certificate. */
  readonly clientCertificate?: true;
  /** A server that requires one. */
  readonly clientAuthentication?: true;
  readonly alpn?: readonly string[];
  /** A client that keeps its session and offers it in a second connection; a server that makes tickets. */
  readonly resumption?: true;
  /** A client that says its request early in the second connection; a server that takes it. */
  readonly earlyData?: true;
  /** A server that makes tickets for early data, and refuses the data. */
  readonly earlyDataRefused?: true;
  /** Offers and takes compressed certificates (RFC 8879). */
  readonly compression?: true;
  /** The largest inner plaintext that it takes, in bytes (RFC 8449). */
  readonly recordSizeLimit?: number;
  /** Presents and takes raw public keys (RFC 7250). */
  readonly rawKeys?: true;
  /** Sends KeyUpdate on command. */
  readonly keyUpdate?: true;
  /** Prints keying material of this label, 32 bytes (RFC 9846 §7.5). */
  readonly exporter?: string;
  /** Sends and prints whatever it is given. */
  readonly bulk?: true;
  /** Ends its own direction and reads on (RFC 9846 §6.1). */
  readonly halfClose?: true;
  /** A server that sends a cookie with its HelloRetryRequest (RFC 9846 §4.3.2). */
  readonly retryCookie?: true;
}

export type Feature = keyof EndSetup;

/** In words, behind "has no". */
export const featureNames: Readonly<Record<Feature, string>> = {
  groups: "choice of groups",
  hybridByDefault: "hybrid by default",
  shares: "choice of key shares",
  suites: "choice of cipher suites",
  credential: "choice of certificates",
  largeCertificate: "choice of certificates",
  clientCertificate: "certificate as a client",
  clientAuthentication: "requirement of client certificates",
  alpn: "ALPN",
  resumption: "resumption",
  earlyData: "early data",
  earlyDataRefused: "refusal of early data",
  compression: "certificate compression",
  recordSizeLimit: "record_size_limit",
  rawKeys: "raw public keys",
  keyUpdate: "command for KeyUpdate",
  exporter: "exporter",
  bulk: "channel for a large amount of data",
  halfClose: "half-close",
  retryCookie: "cookie",
};
