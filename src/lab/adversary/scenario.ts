import type { PolicyName } from "../../policy/index.ts";
import type { FindingKind } from "../../detection/index.ts";
import type { Role } from "../watch.ts";
import type { Step } from "./step.ts";

/** `post-quantum` has ML-DSA throughout; what is wrong with the others is their name. */
export const credentials = ["own", "other-name", "unknown-ca", "expired", "post-quantum"] as const;

/** What an end is configured with, as data. What is absent is as in {@link standardEnds}. */
export interface EndSetup {
  readonly groups?: readonly string[];
  /** A client's first shares; default: the first of its groups. */
  readonly shares?: readonly string[];
  readonly suites?: readonly string[];
  readonly schemes?: readonly string[];
  readonly alpn?: readonly string[];
  readonly policy?: PolicyName;
  readonly retry?: "for-preferred" | "for-post-quantum" | "if-needed";
  readonly retryCookie?: boolean;
  /** A server that asks for a certificate; a client always has one. */
  readonly clientAuthentication?: "none" | "request" | "require";
  /** A server that makes tickets. */
  readonly tickets?: boolean;
  /** Bytes of 0-RTT data that a server takes; on a client any number: it sends some. */
  readonly earlyData?: number;
  readonly serverName?: string;
  readonly middleboxCompatibility?: boolean;
  readonly grease?: boolean;
  readonly maxFragment?: number;
  readonly recordSizeLimit?: number;
  /** Remembers the earlier connection. */
  readonly history?: boolean;
  /** Takes KeyUpdates, sends one after the handshake. */
  readonly updateKeys?: boolean;
  /** Says close_notify after its data. */
  readonly close?: boolean;
  /** Milliseconds by which its clock is off in the attacked connection. */
  readonly clockOffset?: number;
  /** An external pre-shared key that both ends have, in hexadecimal. */
  readonly externalKey?: string;
  /** The server answers with another certificate than that of Ed25519 which it has. */
  readonly credential?: (typeof credentials)[number];
}

/** The families of the catalogue. */
export const families = [
  "versions and suites",
  "groups",
  "hybrid parts",
  "HelloRetryRequest",
  "transcript",
  "authentication",
  "resumption and 0-RTT",
  "records",
  "middleboxes",
  "policies",
] as const;
export type Family = (typeof families)[number];

/**
 * How a connection ends for one end: one of {@link outcomes}, an error code, or `told` and the alert that
 * came from the other.
 */
export type Outcome = string;

/** `open` with all of the other's data, or not; `waiting` for more; `absent` where the adversary took its place. */
export const outcomes = [
  "open",
  "open without data",
  "open with other data",
  "waiting",
  "absent",
] as const;

export interface Expectation {
  readonly client: Outcome;
  readonly server: Outcome;
  /** Kinds that either end reports, at least. Absent: not asked; empty: none at all. */
  readonly findings?: readonly FindingKind[];
}

export interface AttackScenario {
  /** In kebab case. */
  readonly name: string;
  readonly family: Family;
  /** What the attacker does, in one sentence. */
  readonly does: string;
  /** Where the standard says what has to happen. */
  readonly section: string;
  /** Options of both ends. */
  readonly both?: EndSetup;
  readonly client?: EndSetup;
  readonly server?: EndSetup;
  /** What the adversary has: nothing, the traffic secrets of both ends, or the server's key beside. */
  readonly keys?: "none" | "traffic" | "server";
  /** An honest connection comes first: its session is offered, its messages can be taken. */
  readonly earlier?: true | EndSetup;
  /** So many connections come before whose ClientHello offers a hybrid and gets no answer. */
  readonly lostBefore?: number;
  /** Connections to the same server after the first: what the client sent is sent again, byte by byte. */
  readonly replays?: number;
  readonly steps: readonly Step[];
  readonly expect: Expectation;
}

/** How one end came out of it. */
export interface EndReport {
  readonly outcome: Outcome;
  readonly group: string | null;
  readonly alert: string | null;
  readonly error: string | null;
  readonly findings: readonly { readonly kind: FindingKind; readonly evidence: string }[];
}

/** A row of the catalogue. */
export interface AttackRow {
  readonly name: string;
  readonly family: Family;
  readonly does: string;
  readonly section: string;
  readonly provider: string;
  readonly client: EndReport;
  readonly server: EndReport;
  readonly expected: Expectation;
  readonly asPredicted: boolean;
  /** Why not; empty if it is. */
  readonly problems: readonly string[];
}

export const endsOf: readonly Role[] = ["client", "server"];
