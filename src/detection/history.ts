import * as check from "../registry/check.ts";

/** What is remembered of a connection, as plain data. */
export interface PastConnection {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /**
   * `unanswered`: the peer had not proved itself when it ended, so that anybody on the way can have ended it;
   * `failed`: it ended after that, before it was open.
   */
  readonly outcome: "open" | "unanswered" | "failed";
  /** Security category (FIPS 203: 1, 3, 5) of the strongest key exchange that we offered; 0: classical. */
  readonly offeredCategory: number;
  /** Bytes of the first ClientHello, header included. */
  readonly helloBytes: number;
  /** What was negotiated; `null` if the handshake failed, or for a PSK alone. */
  readonly group: string | null;
  /** Security category of that group; 0: classical, or nothing. */
  readonly category: number;
  /** IANA's name of the cipher suite; `null` if the handshake failed. */
  readonly cipherSuite: string | null;
  /** Key bits of its AEAD; absent where nothing was negotiated, or nobody remembers it. */
  readonly keyBits?: number | undefined;
  /** The scheme by which the peer authenticated; `null` if it did not. */
  readonly peerSignatureScheme: string | null;
  /** 1 for a signature that is believed to withstand a quantum computer, 0 for another; absent as above. */
  readonly signatureStrength?: number | undefined;
  /** The application protocol (RFC 7301); `null` if none was agreed on. */
  readonly alpn: string | null;
}

/** A memory of earlier connections, by the peer's name: in this process, in a file, wherever one likes. */
export interface ConnectionHistory {
  /** Oldest first. */
  recall(key: string): readonly PastConnection[];
  /** Adds a connection to those of the peer. */
  remember(key: string, connection: PastConnection): void;
}

/**
 * Remembers in this process, a few connections of each of the last peers. What an attacker could want to be
 * forgotten, and who makes connections fail could push out, stays: the strongest open connection, and the
 * strongest offer that got no answer.
 */
export class MemoryHistory implements ConnectionHistory {
  readonly #peers = new Map<string, readonly PastConnection[]>();
  readonly #perPeer: number;
  readonly #capacity: number;

  /** @throws TypeError or RangeError for options that cannot be */
  constructor(options: { readonly perPeer?: number; readonly capacity?: number } = {}) {
    check.checkOptions("MemoryHistory", options, {
      perPeer: check.whole(1),
      capacity: check.whole(1),
    });
    this.#perPeer = options.perPeer ?? 8;
    this.#capacity = options.capacity ?? 10_000;
  }

  /** As {@link ConnectionHistory.recall}. */
  recall(key: string): readonly PastConnection[] {
    return this.#peers.get(key) ?? [];
  }

  /** As {@link ConnectionHistory.remember}; the least telling connections beyond `perPeer` are forgotten. */
  remember(key: string, connection: PastConnection): void {
    const all = [...this.recall(key), connection];
    const kept = new Set([...lasting(all), ...all.slice(-this.#perPeer)]);
    this.#peers.delete(key);
    this.#peers.set(
      key,
      all.filter((entry) => kept.has(entry)),
    );
    if (this.#peers.size <= this.#capacity) return;
    const oldest = this.#peers.keys().next();
    if (!oldest.done) this.#peers.delete(oldest.value);
  }

  /** For a file: give it to {@link MemoryHistory.from}. */
  toJSON(): Readonly<Record<string, readonly PastConnection[]>> {
    return Object.fromEntries(this.#peers);
  }

  /** Takes back what {@link toJSON} gave, with the default limits. */
  static from(data: Readonly<Record<string, readonly PastConnection[]>>): MemoryHistory {
    const history = new MemoryHistory();
    for (const [key, connections] of Object.entries(data)) {
      for (const connection of connections) history.remember(key, connection);
    }
    return history;
  }
}

/** Offers without an answer, and without a later one for as much, oldest first. */
export const lostOffers = (past: readonly PastConnection[]): readonly PastConnection[] =>
  past.filter(
    ({ outcome, offeredCategory }, index) =>
      outcome === "unanswered" &&
      !past
        .slice(index + 1)
        .some(
          (later) => later.outcome !== "unanswered" && later.offeredCategory >= offeredCategory,
        ),
  );

/** What stays: by each measure the strongest that was open, and the strongest offer that was lost. */
function lasting(all: readonly PastConnection[]): readonly (PastConnection | undefined)[] {
  const open = all.filter(({ outcome }) => outcome === "open");
  return [
    strongest(open, ({ category }) => category),
    strongest(open, ({ keyBits }) => keyBits),
    strongest(open, ({ signatureStrength }) => signatureStrength),
    strongest(lostOffers(all), ({ offeredCategory }) => offeredCategory),
  ];
}

/** The last of the strongest. */
function strongest(
  entries: readonly PastConnection[],
  measure: (entry: PastConnection) => number | undefined,
): PastConnection | undefined {
  const most = Math.max(...entries.map((entry) => measure(entry) ?? 0));
  return entries.findLast((entry) => (measure(entry) ?? 0) === most);
}
