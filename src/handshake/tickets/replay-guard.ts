import { toHex } from "../../wire/index.ts";
import type { ReplayGuard } from "../psk.ts";

/** Remembers in this process. When it is full it calls nothing new: early data is then refused, never replayed. */
export class MemoryReplayGuard implements ReplayGuard {
  readonly #seen = new Map<string, number>();
  readonly #now: () => number;
  readonly #capacity: number;
  readonly since: number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number = Date.now, capacity = 100_000) {
    this.#now = now;
    this.#capacity = capacity;
    this.since = now();
  }

  firstUse(identifier: Uint8Array, until: number): boolean {
    this.#forgetExpired();
    const key = toHex(identifier);
    if (this.#seen.has(key) || this.#seen.size >= this.#capacity) return false;
    this.#seen.set(key, until);
    return true;
  }

  /** Entries come in about the order in which they expire. */
  #forgetExpired(): void {
    const now = this.#now();
    for (const [key, until] of this.#seen) {
      if (until >= now) return;
      this.#seen.delete(key);
    }
  }
}
