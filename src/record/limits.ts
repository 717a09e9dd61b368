/** Everything that a peer can make grow, by name. */
export interface Limits {
  /** Bytes of one handshake message, header included: a chain of SLH-DSA certificates fits. */
  readonly handshakeMessage: number;
  /**
   * Elements of a ClientHello or CertificateRequest: its extensions and the entries of its lists, numbers
   * aside. Real ones have some dozens, or name hundreds of authorities.
   */
  readonly offerElements: number;
  /** Elements of any other handshake message, counted as for {@link offerElements}. */
  readonly messageElements: number;
  /** Certificates of one Certificate message: a path has at most ten, others may come with it, and some tests send 51. */
  readonly certificates: number;
  /** How many times its size a compressed certificate may unfold to; real ones reach six. */
  readonly certificateExpansion: number;
  /** Records without content in a row. */
  readonly emptyRecords: number;
  /** change_cipher_spec records of the compatibility mode in one handshake. */
  readonly changeCipherSpecs: number;
  /** user_canceled alerts in a row. */
  readonly warnings: number;
  /** KeyUpdates of the peer in a row, without data between them. */
  readonly keyUpdates: number;
  /** Bytes that wait while an asynchronous operation runs; a caller should stop feeding before. */
  readonly waitingInput: number;
  /** Bytes of rejected early data that a server skips. */
  readonly skippedEarlyData: number;
  /** A server's requests for a certificate after the handshake that wait for an answer. */
  readonly laterRequests: number;
  /** Requests for a certificate after the handshake that a client answers in one connection: each costs a signature. */
  readonly certificateRequests: number;
  /** Tickets of one connection that a client keeps. */
  readonly tickets: number;
}

/** The limits of a connection for which `limits` says nothing else. */
export const defaultLimits: Limits = {
  handshakeMessage: 0x20000,
  offerElements: 8192,
  messageElements: 256,
  certificates: 64,
  certificateExpansion: 32,
  emptyRecords: 32,
  changeCipherSpecs: 32,
  warnings: 4,
  keyUpdates: 32,
  waitingInput: 0x40000,
  skippedEarlyData: 0x10000,
  laterRequests: 4,
  certificateRequests: 16,
  tickets: 16,
};

/** Content bytes of a record (RFC 9846 §5.1). */
export const maxFragment = 2 ** 14;
/** What protection may add to a fragment (RFC 9846 §5.2). */
export const maxExpansion = 256;
/** type, legacy_record_version, length. */
export const recordHeaderLength = 5;
