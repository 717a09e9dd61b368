import type { ErrorCode } from "../../registry/index.ts";
import type { EarlyDataOutcome } from "../../handshake/index.ts";
import type { FindingKind } from "../../detection/index.ts";
import type { PskKind, Role } from "../../schedule/index.ts";
import type { Plan } from "../plan/plan.ts";
import type { Injection, Step } from "./step.ts";

/** The families of the catalogue. */
export const families = [
  "versions and suites",
  "groups",
  "hybrid parts",
  "HelloRetryRequest",
  "transcript",
  "authentication",
  "authentication by KEM",
  "resumption and 0-RTT",
  "after the handshake",
  "records",
  "extensions",
  "middleboxes",
  "policies",
  "fallback",
  "with the server's key",
] as const;
/** What kind of attack a scenario is. */
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

/** What an end negotiated, as far as a scenario can predict it. */
export interface Agreement {
  /** Name of the key-exchange group; `null` for a PSK alone. */
  readonly group: string | null;
  /** IANA's name of the cipher suite. */
  readonly suite: string;
  /** The application protocol; `null` if none was agreed on. */
  readonly alpn: string | null;
  /** The kind of PSK that it began with: `resumption` for a session. */
  readonly psk: PskKind | null;
  /** A HelloRetryRequest came between. */
  readonly retried: boolean;
  /** As the server says. */
  readonly earlyData: EarlyDataOutcome;
  /** The scheme of the server's CertificateVerify, as the client saw it; a session's is the first one's. */
  readonly signature: string | null;
  /** The first name in the certificate of the server, as the client saw it. */
  readonly server: string | null;
  /** The same of the client, as the server saw it. */
  readonly client: string | null;
  /** Both export the same (RFC 9266). */
  readonly sameBinding: boolean;
}

/** Where an end's error is, and by which rule; what is absent is not asked. */
export interface EndExpectation {
  /** How the end comes out of it. */
  readonly outcome: Outcome;
  /** The path of the field. */
  readonly where?: string;
  /** Of the standard, as the error says it: `RFC 9846 §4.3.8`. */
  readonly section?: string;
  /** Of the policy that it breaks. */
  readonly rule?: string;
  /** How often all of the other's data arrives; of an attacked server with all replays together. */
  readonly data?: number;
  /** Where this end believes something else than both are predicted to. */
  readonly agreed?: Partial<Agreement>;
}

/** How a scenario must end, for each end and for what both agree on. */
export interface Expectation {
  /** How the client comes out of it. */
  readonly client: Outcome | EndExpectation;
  /** How the server comes out of it. */
  readonly server: Outcome | EndExpectation;
  /** What the ends that open agree on. */
  readonly agreed?: Partial<Agreement>;
  /** Kinds that either end reports, at least. Absent: not asked; empty: none at all. */
  readonly findings?: readonly FindingKind[];
}

/** Connections before, whose ClientHello the adversary takes away. */
export interface LostHello {
  /** Default: those of {@link standardEnds}. */
  readonly groups?: readonly string[];
  /** Default: 1. */
  readonly times?: number;
  /** What the client is answered. Default: nothing, and the end of the stream. */
  readonly back?: readonly Injection[];
}

export const keyNames = ["none", "traffic", "server", "all"] as const;
/** The keys that an adversary has; `keys` of {@link AttackScenario} says what each name means. */
export type Keys = (typeof keyNames)[number];

/** A plan with an adversary in it: what the adversary has, what it does, and what must come of that. */
export interface AttackScenario extends Plan {
  /** The part of the catalogue that it belongs to. */
  readonly family: Family;
  /** What the attacker does, in one sentence. */
  readonly does: string;
  /** Where the standard says what has to happen. */
  readonly section: string;
  /**
   * What the adversary has: nothing, the traffic secrets of both ends, the server's keys beside, or every key
   * of the laboratory.
   */
  readonly keys?: Keys;
  /** Earlier connections of the client that came to nothing, which it remembers. Default: none. */
  readonly lost?: readonly LostHello[];
  /** Connections to the same server after the first: what the client sent is sent again, byte by byte. */
  readonly replays?: number;
  /** A server with the first one's tickets that has run as long, or began after it. Default: the first. */
  readonly replayTo?: "another server" | "restarted server";
  /**
   * This end is the adversary: the steps change its messages before they are hashed and sent, so that its
   * Finished, signatures and binders cover what they say then.
   */
  readonly malicious?: Role;
  /** What the adversary does, in order. */
  readonly steps: readonly Step[];
  /** How it must end. */
  readonly expect: Expectation;
}

/** How one end came out of it. */
export interface EndReport {
  /** How the end came out of it. */
  readonly outcome: Outcome;
  /** Name of the group that was negotiated; `null` for none. */
  readonly group: string | null;
  /** Name of the alert that this end sent; `null` for none. */
  readonly alert: string | null;
  /** The message of its error; `null` if it had none. */
  readonly error: string | null;
  /** Of the error. */
  readonly code: ErrorCode | null;
  /** The path of the field that was wrong. */
  readonly where: string | null;
  /** The section that the error names. */
  readonly section: string | null;
  /** The rule of a policy that was broken. */
  readonly rule: string | null;
  /** What it negotiated, as far as this end can say; `null` if it did not open. */
  readonly agreed: Partial<Agreement> | null;
  /** How often all of the other's data arrived. */
  readonly data: number;
  /** What its detectors reported. */
  readonly findings: readonly { readonly kind: string; readonly evidence: string }[];
}

/** A row of the catalogue. */
export interface AttackRow {
  /** The scenario's name. */
  readonly name: string;
  /** The part of the catalogue that it belongs to. */
  readonly family: Family;
  /** What the attacker does, in one sentence. */
  readonly does: string;
  /** Where the standard says what has to happen. */
  readonly section: string;
  /** Name of the provider of both ends. */
  readonly provider: string;
  /** How the client came out of it. */
  readonly client: EndReport;
  /** How the server came out of it. */
  readonly server: EndReport;
  /** How it had to end. */
  readonly expected: Expectation;
  /** It ended as it had to. */
  readonly asPredicted: boolean;
  /** Why not; empty if it is. */
  readonly problems: readonly string[];
}

export const endsOf: readonly Role[] = ["client", "server"];

/** What is predicted of one end, in full. */
export function expectationOf({ expect }: AttackScenario, role: Role): EndExpectation {
  const expected = expect[role];
  return typeof expected === "string" ? { outcome: expected } : expected;
}
