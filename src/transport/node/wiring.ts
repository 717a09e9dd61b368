import type { Connection, JudgementOptions } from "../../connection/index.ts";
import type { Negotiated } from "../../handshake/index.ts";

/** What a TLS socket has to hear from the connection that it drives. */
export interface Wiring {
  /** Called when an asynchronous operation has ended. */
  readonly onProgress: () => void;
  /** Gets lines of the key log (RFC 9850). Absent: they are not made. */
  readonly keyLog?: (line: string) => void;
}

/** How a {@link TlsSocket} behaves around its connection. */
export interface TlsSocketOptions {
  /** Makes the connection; called once, when the transport is connected. */
  readonly createConnection: (wiring: Wiring) => Connection;
  /** Judges the peer of the open connection again; rejects if it is not accepted any more. */
  readonly judge?: (
    negotiated: Negotiated,
    options: JudgementOptions,
  ) => Promise<string | undefined>;
  /** Told that bytes came in, after they were taken. */
  readonly received?: () => void;
  /** Milliseconds from the transport's connection to the end of the handshake. Default: 10 000; 0 waits forever. */
  readonly handshakeTimeout?: number;
  /**
   * Takes the end of the stream for the end of the data where the peer sent no close_notify, as servers do that end HTTP
   * bodies with the connection. Anybody on the way can then cut the data short: only where the data says by itself
   * whether it is whole. Default: false, which fails with `truncated`.
   */
  readonly ignoreUnexpectedEnd?: boolean;
  /** Lets us go on sending after the peer has sent all. Default: false, as in `node:net`. */
  readonly allowHalfOpen?: boolean;
}

/** How sockets are judged again. */
export interface JudgeAgainOptions extends JudgementOptions {
  /** Milliseconds for the verdict; a peer that has none then is refused. Default: 10 000. */
  readonly timeout?: number;
}
