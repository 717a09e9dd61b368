import { toHex } from "../../wire/index.ts";
import type { EarlyDataUse, ReplayGuard } from "../psk.ts";

/** Uses that are forgotten together. */
interface Group {
  readonly identifiers: Set<string>;
  latestUse: number;
}

/** Into how many groups the uses of one span are sorted. */
const groupsInSpan = 8;

/**
 * Remembers in this process. It knows what it knows: where it has forgotten a use after the earliest time
 * at which a flight may have been used, or began later than that, it says no. So a clock that is wrong for
 * a moment, or that is set back, makes it refuse for a while, and never accept a replay. When it is full it
 * calls nothing new.
 */
export class MemoryReplayGuard implements ReplayGuard {
  /** By the time at which they may be forgotten; a clock that jumps makes groups, not entries out of order. */
  readonly #groups = new Map<number, Group>();
  readonly #capacity: number;
  readonly #began: number;
  #size = 0;
  /** The latest use that was forgotten. */
  #forgotten = -Infinity;

  /** @param now milliseconds since the epoch; read once, since the engine says what time it is */
  constructor(now: () => number = Date.now, capacity = 100_000) {
    this.#capacity = capacity;
    this.#began = now();
  }

  /** As {@link ReplayGuard.firstUse}. */
  firstUse(identifier: Uint8Array, { issuedAt, earliest, now, until }: EarlyDataUse): boolean {
    this.#forget(now);
    if (earliest <= this.#forgotten) return false;
    // A ticket that is younger than this memory was not used before it
    if (issuedAt < this.#began && earliest <= this.#began) return false;
    const key = toHex(identifier);
    for (const { identifiers } of this.#groups.values()) if (identifiers.has(key)) return false;
    if (this.#size >= this.#capacity) return false;
    const width = Math.max(1, (until - now) / groupsInSpan);
    this.#remember(key, now, Math.ceil(until / width) * width);
    return true;
  }

  #remember(key: string, now: number, end: number): void {
    const group = this.#groups.get(end) ?? { identifiers: new Set(), latestUse: now };
    this.#groups.set(end, group);
    group.identifiers.add(key);
    group.latestUse = Math.max(group.latestUse, now);
    this.#size++;
  }

  #forget(now: number): void {
    for (const [end, { identifiers, latestUse }] of this.#groups) {
      if (end >= now) continue;
      this.#groups.delete(end);
      this.#size -= identifiers.size;
      this.#forgotten = Math.max(this.#forgotten, latestUse);
    }
  }
}
