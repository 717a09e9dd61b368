/** What may be weighed: a socket whose handshake is not over. */
export interface Weighed {
  /** Bytes of the peer's that wait in it. */
  readonly heldBytes: number;
}

/**
 * The memory of all pending handshakes of a server together. Each is bounded by itself, and a thousand of
 * them would still be too much: where they hold more than their budget, the one that holds most goes.
 */
export class PendingMemory<S extends Weighed> {
  readonly #budget: number;
  readonly #drop: (socket: S) => void;
  readonly #weights = new Map<S, number>();
  #total = 0;

  /** @param drop ends one, which has been forgotten then */
  constructor(budget: number, drop: (socket: S) => void) {
    this.#budget = budget;
    this.#drop = drop;
  }

  /** Bytes that all of them held when they were weighed last. */
  get total(): number {
    return this.#total;
  }

  /** Something has come in. */
  weigh(socket: S): void {
    const weight = socket.heldBytes;
    this.#total += weight - (this.#weights.get(socket) ?? 0);
    this.#weights.set(socket, weight);
    while (this.#total > this.#budget) {
      const heaviest = this.#heaviest();
      if (heaviest === undefined) return;
      this.forget(heaviest);
      this.#drop(heaviest);
    }
  }

  /** Its handshake is over. */
  forget(socket: S): void {
    this.#total -= this.#weights.get(socket) ?? 0;
    this.#weights.delete(socket);
  }

  #heaviest(): S | undefined {
    let found: S | undefined;
    let most = 0;
    for (const [socket, weight] of this.#weights) {
      if (weight > most) [found, most] = [socket, weight];
    }
    return found;
  }
}
