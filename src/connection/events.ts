import type { Finding } from "../detection/index.ts";
import type { Negotiated, OfferedPsk, PeerIdentity } from "../handshake/index.ts";
import type { TlsError } from "../registry/index.ts";

/** What a connection has to say, in order. */
export type ConnectionEvent =
  /** The handshake is over and the peer is who it should be. */
  | { readonly type: "open"; readonly negotiated: Negotiated }
  /** Something is weaker than it could be, or not as it should be; it comes before `open`, or before the error. */
  | { readonly type: "finding"; readonly finding: Finding }
  | { readonly type: "data"; readonly data: Uint8Array; readonly early: boolean }
  /** A ticket came: give it to a later connection to the same server. */
  | { readonly type: "session"; readonly session: OfferedPsk }
  /** A client answered `requestCertificate`; `peer` is undefined if it declined. */
  | { readonly type: "peer"; readonly peer: PeerIdentity | undefined; readonly peerRole?: string }
  /** close_notify: the peer has sent all that it wanted to. */
  | { readonly type: "end" }
  /** The connection is over. Data that was delivered before stays valid. */
  | { readonly type: "error"; readonly error: TlsError };
