import type { PskKind, PeerIdentity } from "../schedule/index.ts";

/** A pre-shared key, whichever end holds it (RFC 9846 §4.3.11). */
export interface Psk {
  /** The key. A client and a ticket store keep it; a handshake wipes its own copies. */
  readonly secret: Uint8Array;
  /** The hash that the binder and the key schedule use: `sha256`, or that of a custom suite. */
  readonly hash: string;
  /** Where the key is from: a session's ticket, or elsewhere. */
  readonly kind: PskKind;
  /** What was negotiated when the ticket was issued; absent for an external key. */
  readonly origin?: SessionOrigin | undefined;
}

/** What a resumed connection inherits, and what a policy may look at. */
export interface SessionOrigin {
  /** CipherSuite. */
  readonly suite: number;
  /** For a server what SNI said; for a client the name or address that the server proved. */
  readonly serverName?: string | undefined;
  /** The application protocol (RFC 7301); absent if none was agreed on. */
  readonly alpn?: string | undefined;
  /** Name of the group, and whether the key exchange was post-quantum. */
  readonly group: string | undefined;
  /** True if the key exchange is believed to withstand a quantum computer. */
  readonly postQuantum: boolean;
  /** Whom the original handshake authenticated, and by which scheme. */
  readonly peer?: PeerIdentity | undefined;
  /** The scheme by which the peer authenticated in that handshake. */
  readonly peerSignatureScheme?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** When the full handshake was that this and all tickets between go back to. Default: `issuedAt`. */
  readonly authenticatedAt?: number | undefined;
  /** Seconds. */
  readonly lifetime: number;
  /** ticket_age_add (RFC 9846 §4.7.1): what a client adds to a ticket's age in milliseconds, modulo 2^32. */
  readonly ageAdd: number;
  /** Bytes; 0: none. */
  readonly maxEarlyData: number;
}

/** A PSK as a client offers it. */
export interface OfferedPsk extends Psk {
  /** What the server knows the key by: the ticket, or the external identity (RFC 9846 §4.3.11). */
  readonly identity: Uint8Array;
}

/** Finds an external key by its identity; `undefined` for one that is unknown or refused. */
export type PskLookup = (identity: Uint8Array) => Psk | undefined | Promise<Psk | undefined>;

/** Makes tickets and takes them back: sealed and kept by the client, or stored here. */
export interface Tickets {
  /** Tickets after a full handshake; one after a resumed one. */
  readonly count: number;
  /** Seconds, at most seven days (RFC 9846 §4.7.1). */
  readonly lifetime: number;
  /**
   * The ticket for a key: what the client sends to resume. The engine wipes `psk.secret` afterwards: keep a
   * copy of it, or nothing.
   */
  issue(psk: Psk): Uint8Array | Promise<Uint8Array>;
  /**
   * The key of a ticket; `undefined` if it is not ours, expired or used up. Its secret is the engine's from
   * then on, which wipes it.
   */
  redeem(ticket: Uint8Array): Psk | undefined | Promise<Psk | undefined>;
}

/**
 * Remembers what was used, so that early data is taken once (RFC 9846 §8). Several processes that accept
 * the same tickets must share one.
 */
export interface ReplayGuard {
  /** True for the first use of an identifier; false for any other, and where it cannot know. */
  firstUse(identifier: Uint8Array, use: EarlyDataUse): boolean | Promise<boolean>;
}

/** A flight with early data whose age seems right. All times are milliseconds since the epoch, by the server's clock. */
export interface EarlyDataUse {
  /** When its ticket was issued. */
  readonly issuedAt: number;
  /**
   * The flight cannot have been taken before. A guard that does not know all that was used since then,
   * because it began later or has forgotten some, must say no (§8.2).
   */
  readonly earliest: number;
  /** When the flight arrived. */
  readonly now: number;
  /** Later than this the age alone gives a replay away: the identifier may then be forgotten. */
  readonly until: number;
}

/** §4.7.1: a ticket is not used beyond its lifetime. */
export const isExpired = ({ origin }: Psk, now: number): boolean =>
  origin !== undefined && now >= origin.issuedAt + origin.lifetime * 1000;

/** Milliseconds of age, hidden by the server's number (§4.3.11.1); an external key has none. */
export function obfuscatedTicketAge(psk: Psk, now: number): number {
  if (psk.origin === undefined) return 0;
  return (Math.max(0, Math.round(now - psk.origin.issuedAt)) + psk.origin.ageAdd) % 2 ** 32;
}
