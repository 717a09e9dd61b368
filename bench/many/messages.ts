/** What the processes of the suite `many` say to each other. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** The server's state; totals since it began. */
export interface ServerState {
  readonly open: number;
  readonly pending: number;
  readonly accepted: number;
  readonly dropped: number;
  /** Handshakes that failed, by error code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Milliseconds of CPU time. */
  readonly cpu: number;
  /** Bytes, after a collection. */
  readonly heap: number;
  readonly resident: number;
}

/** The timeout in milliseconds. */
export type ServerOrder =
  | { readonly listen: Identity; readonly handshakeTimeout: number }
  | { readonly report: true };
export type ServerAnswer = { readonly port: number } | { readonly state: ServerState };

export interface Load {
  readonly port: number;
  readonly ca: string;
}

export type ClientOrder =
  | { readonly begin: Load }
  /** Opens so many connections, at most so many at a time. */
  | { readonly open: number; readonly atOnce: number }
  /** For so many seconds opens new ones at that rate, and closes the oldest. */
  | { readonly replace: number; readonly seconds: number }
  /** Connects without a word, or with half of one. */
  | { readonly stall: number }
  /** Says something on every open connection, and hears it again. */
  | { readonly ask: true };

export interface ClientAnswer {
  readonly open: number;
  readonly failures: number;
  readonly firstFailure: string | undefined;
  /** Milliseconds from the call to the answer, in order of size. */
  readonly latencies: readonly number[];
  /** Connections without a word that the server has closed already. */
  readonly refused: number;
}
