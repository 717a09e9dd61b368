import type { RandomSource } from "../../crypto/index.ts";
import { toHex } from "../../wire/index.ts";
import type { Psk, Tickets } from "../psk.ts";
import { checkedTerms, type TicketOptions } from "./sealed.ts";

/** Where {@link storedTickets} keeps keys: memory, or a store that several processes share. */
export interface TicketStore {
  /** Keeps a key under its identifier. */
  put(identifier: string, psk: Psk): void | Promise<void>;
  /** Gives the key out and forgets it, in one step: a ticket is used once. */
  take(identifier: string): Psk | undefined | Promise<Psk | undefined>;
}

/** A store in memory that forgets the oldest beyond `capacity`. */
export class MemoryTicketStore implements TicketStore {
  readonly #entries = new Map<string, Psk>();
  readonly #capacity: number;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  /** As {@link TicketStore.put}. */
  put(identifier: string, psk: Psk): void {
    this.#entries.set(identifier, psk);
    if (this.#entries.size <= this.#capacity) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  /** As {@link TicketStore.take}. */
  take(identifier: string): Psk | undefined {
    const psk = this.#entries.get(identifier);
    this.#entries.delete(identifier);
    return psk;
  }
}

/** Tickets that are only names of keys the server stores: each is used once, and early data is forward secret (§8.1). */
export function storedTickets(
  store: TicketStore,
  random: RandomSource,
  options: TicketOptions = {},
): Tickets {
  return {
    ...checkedTerms("storedTickets", options),
    issue(psk) {
      const identifier = random(32);
      // The engine wipes its own
      const kept = { ...psk, secret: psk.secret.slice() };
      const stored = store.put(toHex(identifier), kept);
      return stored instanceof Promise ? stored.then(() => identifier) : identifier;
    },
    redeem: (ticket) => (ticket.length === 32 ? store.take(toHex(ticket)) : undefined),
  };
}
