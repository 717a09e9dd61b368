/** What is remembered of a connection, as plain data. */
export interface PastConnection {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `unanswered`: the peer said nothing that could be read before the stream or our patience ended. */
  readonly outcome: "open" | "unanswered" | "failed";
  /** We offered a post-quantum group. */
  readonly offeredPostQuantum: boolean;
  /** Bytes of the first ClientHello, header included. */
  readonly helloBytes: number;
  /** What was negotiated; `null` if the handshake failed, or for a PSK alone. */
  readonly group: string | null;
  readonly postQuantum: boolean;
  readonly cipherSuite: string | null;
  readonly peerSignatureScheme: string | null;
}

/** A memory of earlier connections, by the peer's name: in this process, in a file, wherever one likes. */
export interface ConnectionHistory {
  /** Oldest first. */
  recall(key: string): readonly PastConnection[];
  remember(key: string, connection: PastConnection): void;
}

/**
 * Remembers in this process, a few connections of each of the last peers. An open post-quantum
 * connection is never pushed out by others of its peer: an attacker who makes connections fail could
 * make us forget.
 */
export class MemoryHistory implements ConnectionHistory {
  readonly #peers = new Map<string, readonly PastConnection[]>();
  readonly #perPeer: number;
  readonly #capacity: number;

  constructor(options: { readonly perPeer?: number; readonly capacity?: number } = {}) {
    this.#perPeer = options.perPeer ?? 8;
    this.#capacity = options.capacity ?? 10_000;
  }

  recall(key: string): readonly PastConnection[] {
    return this.#peers.get(key) ?? [];
  }

  remember(key: string, connection: PastConnection): void {
    const all = [...this.recall(key), connection];
    const best = all.findLast((entry) => entry.outcome === "open" && entry.postQuantum);
    const recent = all.slice(-this.#perPeer);
    this.#peers.delete(key);
    this.#peers.set(key, best === undefined || recent.includes(best) ? recent : [best, ...recent]);
    if (this.#peers.size <= this.#capacity) return;
    const oldest = this.#peers.keys().next();
    if (!oldest.done) this.#peers.delete(oldest.value);
  }

  /** For a file: give it to {@link MemoryHistory.from}. */
  toJSON(): Readonly<Record<string, readonly PastConnection[]>> {
    return Object.fromEntries(this.#peers);
  }

  static from(data: Readonly<Record<string, readonly PastConnection[]>>): MemoryHistory {
    const history = new MemoryHistory();
    for (const [key, connections] of Object.entries(data)) {
      for (const connection of connections) history.remember(key, connection);
    }
    return history;
  }
}
