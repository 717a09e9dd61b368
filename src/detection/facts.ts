import type { AuthenticationScheme, SchemeTable, Suite } from "../crypto/index.ts";
import type { Group } from "../groups/index.ts";
import type { Negotiated } from "../handshake/index.ts";
import type { TlsError } from "../registry/index.ts";
import type { Role } from "../schedule/index.ts";
import type { PastConnection } from "./history.ts";

/** What an end would take, best first. */
export interface Offered {
  /** Key-exchange groups. */
  readonly groups: readonly Group[];
  /** Cipher suites. */
  readonly suites: readonly Suite[];
  /** For the peer's CertificateVerify, or its KEM. */
  readonly schemes: readonly AuthenticationScheme[];
  /** What names of schemes stand for, whether or not they are taken. */
  readonly knownSchemes: SchemeTable;
  /** Application protocols. */
  readonly alpn: readonly string[];
}

/** All that detectors may look at: one connection from one end, and what is remembered of the same peer. */
export interface Facts extends Offered {
  /** Which end this is. */
  readonly role: Role;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Groups whose shares a client sent first; empty on a server. */
  readonly shares: readonly Group[];
  /** Bytes of a client's first ClientHello, header included; 0 on a server, or if nobody remembers them. */
  readonly helloBytes: number;
  /** Absent if the handshake failed. */
  readonly negotiated?: Negotiated | undefined;
  /** Why the handshake or the connection failed; absent if it did not. */
  readonly error?: TlsError | undefined;
  /** Earlier connections to the same peer, oldest first. */
  readonly past: readonly PastConnection[];
}
