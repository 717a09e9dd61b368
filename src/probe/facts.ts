/** What a probe finds out about a server, as plain data. Names are IANA's; sizes are bytes, times milliseconds. */
import type { StartTls } from "./starttls.ts";

/** What the questions find out, each under its name; what was not asked is absent, and `unasked` says why. */
export interface ServerFacts {
  /** Whether it answers, and speaks TLS. */
  readonly reach?: ReachFacts;
  /** What its HTTPS record says. */
  readonly dns?: DnsFacts;
  /** Versions of the protocol, each offered by itself. */
  readonly versions?: readonly VersionFact[];
  /** Cipher suites of TLS 1.2. */
  readonly tls12?: PreferenceFacts;
  /** Groups that it takes, and in whose order. */
  readonly groups?: GroupFacts;
  /** How a post-quantum group comes about. */
  readonly hybrid?: HybridFacts;
  /** A handshake as a browser makes it. */
  readonly handshake?: HandshakeFacts;
  /** Cipher suites of TLS 1.3 that it takes, and in whose order. */
  readonly suites?: PreferenceFacts;
  /** Signature schemes by which it can authenticate. */
  readonly schemes?: readonly string[];
  /** Tickets, resumption and 0-RTT data. */
  readonly sessions?: SessionFacts;
  /** Whether randoms and shares repeat. */
  readonly reuse?: ReuseFacts;
  /** ClientHellos in unusual pieces. */
  readonly delivery?: readonly TrialFact[];
  /** ClientHellos with what a server must ignore. */
  readonly tolerance?: readonly TrialFact[];
  /** ClientHellos that it must refuse. */
  readonly alerts?: readonly AlertFact[];
  /** Extensions that it answers. */
  readonly extensions?: ExtensionFacts;
}

/** Whether the server answers at all, and to how large a hello. */
export interface ReachFacts {
  /** `tls` if any of the two was answered by a TLS server. */
  readonly state: "tls" | "not tls" | "silent" | "unreachable" | "closes";
  /** What was said instead, fit for a terminal. */
  readonly said?: string;
  /** The system's code where there was no connection: `ECONNREFUSED`. */
  readonly code?: string;
  /** The answer to a hello with classical groups only, which fits one TCP segment. */
  readonly small: string;
  /** The answer to a hello with a hybrid share, which does not fit. */
  readonly large: string;
  /** It speaks TLS 1.3, to either of them. */
  readonly tls13: boolean;
}

/** What the DNS says of the server's HTTPS record (RFC 9460). */
export interface DnsFacts {
  /** What was asked for: the server's name, with the port before it if that is not 443. */
  readonly name: string;
  /** `none`: there is no such record. `unknown`: nobody said, for the `reason`. */
  readonly state: "found" | "none" | "unknown";
  /** Why it is not known. */
  readonly reason?: string;
  /** The records that there are. */
  readonly records: readonly HttpsRecordFact[];
}

/** One HTTPS record of the name. */
export interface HttpsRecordFact {
  /** 0: the record only names another name, which is not looked up. */
  readonly priority: number;
  /** The name of the server that it is about; empty for the one that was asked for. */
  readonly target: string;
  /** Application protocols that it promises. */
  readonly alpn: readonly string[];
  /** Configurations of Encrypted ClientHello (RFC 9849 §4) of the version that there is. */
  readonly ech: readonly EchConfigFact[];
  /** Why it cannot be read. */
  readonly problem?: string;
}

/** A configuration of Encrypted ClientHello. */
export interface EchConfigFact {
  /** The name that everybody on the path sees. */
  readonly publicName: string;
  /** HPKE's key encapsulation (RFC 9180 §7.1). */
  readonly kem: string;
}

/** One version of the protocol, offered by itself. */
export interface VersionFact {
  /** `TLS 1.2`. */
  readonly version: string;
  /** The server goes on with it. */
  readonly accepted: boolean;
  /** A suite that was accepted, by its name or number. */
  readonly suite?: string;
  /** The group of the ServerKeyExchange. */
  readonly group?: string;
  /** TLS 1.2 and below: the random says that the server could do better (RFC 9846 §4.2.3). */
  readonly sentinel?: boolean;
  /** What it answered, in a few words. */
  readonly answer: string;
}

/** What the server takes of a list, and by whose order. */
export interface PreferenceFacts {
  /** Those that the server takes, in the order in which it takes them. */
  readonly accepted: readonly string[];
  /** Whose order decides. */
  readonly preference: "server" | "client" | "unknown";
}

/** One group that the server takes. */
export interface GroupFact {
  /** IANA's name of the group. */
  readonly name: string;
  /** True if it is believed to withstand a quantum computer. */
  readonly postQuantum: boolean;
  /** It combines several components. */
  readonly hybrid: boolean;
  /** A whole handshake came about; or why not. */
  readonly works: true | string;
}

/** The groups that the server takes, of those that are known here. */
export interface GroupFacts extends PreferenceFacts {
  /** In the server's order, where it has one. */
  readonly each: readonly GroupFact[];
  /** How a ClientHello without any share was answered (RFC 9846 §4.3.8). */
  readonly withoutShares: string;
}

/** How the server and a client come to a post-quantum group. */
export interface HybridFacts {
  /** The server's first post-quantum group; `null` for none. */
  readonly group: string | null;
  /** What comes about if its share is there, beside a classical one. */
  readonly withShare: string;
  /** What comes about if it is offered, and the only share is classical. */
  readonly withoutShare: string;
  /** What that comes to: with the share alone, by a HelloRetryRequest too, or only so. */
  readonly mode: "at once" | "at once, or by retry" | "by retry" | "not";
  /** A whole handshake by way of a HelloRetryRequest: true, or why it failed. */
  readonly retryWorks: true | string;
}

/** One certificate of the chain that the server sent. */
export interface CertificateFact {
  /** As in RFC 4514. */
  readonly subject: string;
  /** As in RFC 4514. */
  readonly issuer: string;
  /** `ec secp256r1`, `rsa 2048`, `ML-DSA-65`; or why it cannot be read. */
  readonly key: string;
  /** The algorithm of its issuer's signature. */
  readonly signature: string;
  /** Of the certificate in DER. */
  readonly bytes: number;
  /** ISO 8601. */
  readonly notAfter: string;
  /** Its key withstands a quantum computer. */
  readonly postQuantum: boolean;
}

/** A handshake as a browser makes it. */
export interface HandshakeFacts {
  /** Name of the group; `null` for none. */
  readonly group: string | null;
  /** IANA's name of the cipher suite. */
  readonly suite: string;
  /** Of the server's CertificateVerify; `null` for none. */
  readonly scheme: string | null;
  /** The application protocol; `null` if none was agreed on. */
  readonly alpn: string | null;
  /** A HelloRetryRequest came between. */
  readonly retried: boolean;
  /** As the server sent it, leaf first. */
  readonly chain: readonly CertificateFact[];
  /** Of all certificates. */
  readonly chainBytes: number;
  /** True, or why the chain is not trusted; absent where nobody said whom to trust. */
  readonly trusted?: true | string;
  /** Days until the leaf expires, rounded down. */
  readonly daysLeft: number | null;
  /** Bytes that the server sends before it must wait, and whether they fit ten segments of 1448 bytes. */
  readonly flightBytes: number;
  /** Whether they fit ten segments of 1448 bytes. */
  readonly fitsInitialWindow: boolean;
  /** It staples an OCSP response. */
  readonly ocsp: boolean;
  /** How many SignedCertificateTimestamps it sends. */
  readonly scts: number;
  /** It asks for a client's certificate. */
  readonly asksForCertificate: boolean;
}

/** Tickets, and what came of resuming with one. */
export interface SessionFacts {
  /** Tickets after one handshake. */
  readonly tickets: number;
  /** Seconds. */
  readonly lifetime?: number;
  /** Bytes of 0-RTT data that a ticket allows. */
  readonly maxEarlyData?: number;
  /** A session was resumed. */
  readonly resumed: boolean;
  /** The group of the handshake that the session is from, and of the resumed one; `null`: none, by PSK alone. */
  readonly from?: string | null;
  /** Of the resumed handshake; `null`: none, by PSK alone. */
  readonly group?: string | null;
  /** The resumed handshake is as post-quantum as the first. */
  readonly keepsHybrid?: boolean;
  /** What it takes from a client that would go without a key exchange (psk_ke). */
  readonly pskOnly?: boolean;
  /** What became of the offer of 0-RTT data; and of the same flight once more. */
  readonly earlyData?: string;
  /** What became of the same flight once more. */
  readonly earlyDataAgain?: string;
}

/** Whether the server repeated parts of its key shares, over all connections of the probe. */
export interface ReuseFacts {
  /** Server shares that were looked at, by component. */
  readonly seen: Readonly<Record<string, number>>;
  /** Components of which the server sent the same part in several connections. */
  readonly repeated: readonly { readonly component: string; readonly times: number }[];
}

/** A correct ClientHello of an unusual kind, and whether the server went on with it. */
export interface TrialFact {
  /** What was unusual about it. */
  readonly name: string;
  /** The server went on with it. */
  readonly passed: boolean;
  /** What it answered, in a few words. */
  readonly answer: string;
}

/** A hello that must be refused, and what the server answered to it. */
export interface AlertFact {
  /** What was wrong with it. */
  readonly name: string;
  /** Where the standard says so. */
  readonly section: string;
  /** Alerts that are right. */
  readonly expected: readonly string[];
  /** What it answered: the alert's name, or a few words. */
  readonly answer: string;
  /** `wrong alert`: it is refused, with another alert than the standard says, or with none. */
  readonly verdict: "right" | "wrong alert" | "not refused" | "no answer";
  /** Not to refuse it is a danger, and no mere leniency. */
  readonly dangerous: boolean;
}

/** What the server has beside the necessary. */
export interface ExtensionFacts {
  /** Algorithms by which the server compresses its certificate, the best first. */
  readonly compression: readonly string[];
  /** What the server says of record_size_limit; `null`: nothing. */
  readonly recordSizeLimit: number | null;
  /** It answers an encrypted_client_hello, so that it knows what it is. */
  readonly ech: boolean;
  /** It answers a KeyUpdate that asks for one (RFC 9846 §4.7.3). */
  readonly keyUpdate: "answered" | "not answered" | "refused";
}

/** How much a finding matters. */
export type ProbeSeverity = "critical" | "serious" | "minor" | "note";

/** What is not as it should be, and what to do. */
export interface ProbeFinding {
  /** The rule's name. */
  readonly rule: string;
  /** How much it matters. */
  readonly severity: ProbeSeverity;
  /** One sentence with the facts that it rests on. */
  readonly evidence: string;
  /** What the owner of the server can do. */
  readonly advice: string;
  /** Where the rule stands, if it is a standard's. */
  readonly section?: string;
}

/** What a probe says of a server. */
export interface ProbeReport {
  /** Whom was asked for: a host name or an address. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** What was spoken before TLS; absent: nothing. */
  readonly startTls?: StartTls;
  /** The address that was connected to; `null` if there was none. */
  readonly address: string | null;
  /** Connections that it took. */
  readonly connections: number;
  /** Wall time. */
  readonly milliseconds: number;
  /** What all of it comes to. */
  readonly verdict: "ready" | "ready, with faults" | "not ready" | "not reached";
  /** 0 to 100 by the rules in `docs/probe.md`; `null` if the server was not reached. */
  readonly score: number | null;
  /** What is not as it should be, the gravest first. */
  readonly findings: readonly ProbeFinding[];
  /** What the questions found out. */
  readonly facts: ServerFacts;
  /** Questions that were not asked, and why. */
  readonly unasked: Readonly<Record<string, string>>;
}
