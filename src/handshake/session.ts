/** What a ticket goes on from, whichever end keeps it (RFC 9846 §4.7.1). */
import type { Established } from "./established.ts";
import type { SessionOrigin } from "./psk.ts";

const sevenDays = 7 * 24 * 60 * 60;

type Ticketed = Omit<SessionOrigin, "lifetime" | "ageAdd" | "maxEarlyData">;

export function originOf({ suite, negotiated }: Established, now: number): Ticketed {
  const { serverName, alpn, group, postQuantum, peer, peerSignatureScheme } = negotiated;
  return {
    suite: suite.code,
    serverName,
    alpn,
    group,
    postQuantum,
    peer,
    peerSignatureScheme,
    issuedAt: now,
    authenticatedAt: negotiated.origin?.authenticatedAt ?? negotiated.origin?.issuedAt ?? now,
  };
}

/**
 * §4.7.1: seven days after the last full handshake, tickets of tickets are over too; and no session outlives
 * the certificate that its peer was known by.
 */
export function secondsLeft({ issuedAt, authenticatedAt = issuedAt, peer }: Ticketed): number {
  const ofTickets = sevenDays - Math.ceil((issuedAt - authenticatedAt) / 1000);
  const end = peer?.chain[0]?.notAfter ?? Infinity;
  return Math.max(0, Math.min(ofTickets, Math.floor((end - issuedAt) / 1000)));
}
