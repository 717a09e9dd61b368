/**
 * An experiment as data: what two ends are, by names of the registry. It can be written as JSON (`schema.ts`), and
 * `end-options.ts` makes the options of an end from it, with the values that no data can hold.
 */
import type { Policy, PolicyName } from "../../policy/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { ChainKey, CredentialName } from "./credential-names.ts";

/** What is absent is as the engine has it, or as whoever runs the plan says. */
export interface Plan {
  /** In kebab case. All randomness of a laboratory follows from it and a seed. */
  readonly name: string;
  /** Options of both ends. */
  readonly both?: EndPlan;
  /** Laid over `both`. */
  readonly client?: EndPlan;
  /** Laid over `both`. */
  readonly server?: EndPlan;
  /** An honest connection comes first: its session is offered, its messages can be taken. */
  readonly earlier?: true | EndPlan;
}

/** What an end of a plan is: what both are, and on top of it what it is alone. */
export const endPlanOf = ({ both, ...ends }: Omit<Plan, "name">, role: Role): EndPlan => ({
  ...both,
  ...ends[role],
});

/** What an end is configured with, as data. What is absent is as in the options of a connection. */
export interface EndPlan {
  /** By name, best first (RFC 9846 §4.3.7). */
  readonly groups?: readonly string[];
  /** A client's first shares; default: the first of its groups. */
  readonly shares?: readonly string[];
  /** By name, best first (RFC 9846 §4.2.2). */
  readonly suites?: readonly string[];
  /** Signature schemes by name, best first (RFC 9846 §4.3.3). */
  readonly schemes?: readonly string[];
  /** In certificates, where they are others. */
  readonly certificateSchemes?: readonly string[];
  /** With which it takes delegated keys of the other end to sign (RFC 9345). Default: none. */
  readonly delegatedSchemes?: readonly string[];
  /** Protocols by name, best first (RFC 7301). */
  readonly alpn?: readonly string[];
  /** A preset, or rules that are laid over `compatible`. */
  readonly policy?: PolicyName | Partial<Policy>;
  /** Whose order of groups and suites decides at a server. Default: the server's. */
  readonly preference?: "client" | "server";
  /** When a server asks for another share (RFC 9846 §4.2.4). Default: `for-post-quantum`. */
  readonly retry?: "for-preferred" | "for-post-quantum" | "if-needed";
  /** A server asks with a cookie, and keeps nothing (RFC 9846 §4.3.2). */
  readonly retryCookie?: boolean;
  /** A client that has no certificate. */
  readonly anonymous?: true;
  /** A server that asks for a certificate. */
  readonly clientAuthentication?: "none" | "request" | "require";
  /** A server that makes tickets: names of keys that it stores, or keys that it seals. */
  readonly tickets?: boolean | "sealed";
  /** Bytes of 0-RTT data that a server takes; on a client any number: it sends some. */
  readonly earlyData?: number;
  /** That a client asks for (RFC 6066 §3). */
  readonly serverName?: string;
  /** Session ids and change_cipher_spec for middleboxes (RFC 9846 Appendix E.4). */
  readonly middleboxCompatibility?: boolean;
  /** Offers values that nobody knows (RFC 8701). */
  readonly grease?: boolean;
  /** Bytes of content in a record that it sends, 1 to 16384. */
  readonly maxFragment?: number;
  /** Bytes of a record that it takes, 64 to 16385 (RFC 8449). */
  readonly recordSizeLimit?: number;
  /** Offers and takes certificates in a compressed form that does not compress (RFC 8879). */
  readonly compression?: true;
  /** Takes the laboratory's raw public keys too (RFC 7250). */
  readonly rawKeys?: true;
  /** Remembers the earlier connection. */
  readonly history?: boolean;
  /** Takes KeyUpdates, sends one after the handshake. */
  readonly updateKeys?: boolean;
  /** Says its data in so many records. Default: 1. */
  readonly records?: number;
  /** Says close_notify after its data. */
  readonly close?: boolean;
  /** Milliseconds by which its clock is off in the attacked connection. */
  readonly clockOffset?: number;
  /** An external pre-shared key that both ends have, in hexadecimal. */
  readonly externalKey?: string;
  /** With this the external key is imported (RFC 9258): who speaks to whom, say. */
  readonly keyContext?: string;
  /** Takes a pre-shared key without a key exchange (psk_ke). */
  readonly allowPskOnly?: true;
  /** A server has another certificate than its own; a client that of a server, as a server's is none for it. */
  readonly credential?: CredentialName;
  /**
   * A server shows a chain of certificates with keys of these types instead: its own first, the root's last, two to four. A
   * first one that encapsulates (`ML-KEM-768`) is for ends with {@link authKem}.
   */
  readonly chain?: readonly ChainKey[];
  /** Takes keys that encapsulate as proof of who the peer is (AuthKEM); a client has such a key too. */
  readonly authKem?: true;
  /** A client knows the key of this server's chain before, of which {@link chain} says the same (AuthKEM). */
  readonly storedKey?: readonly ChainKey[];
  /** A client shows its certificate with its first flight, to the server of {@link storedKey}. */
  readonly presentEarly?: true;
  /**
   * Seconds for which a server promises post-quantum certificates; a client with any number asks for promises, and
   * remembers them (draft-sheffer-tls-pqc-continuity).
   */
  readonly promise?: number;
  /** A client that answers requests for a certificate after the handshake; a server that makes so many. */
  readonly laterRequests?: number;
  /** Does not ask what a session was made for: offers it to, or takes it for, any name at any time. */
  readonly lax?: true;
}
