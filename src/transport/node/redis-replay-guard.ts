import type { ReplayGuard } from "../../handshake/index.ts";
import { toHex } from "../../wire/index.ts";
import { ask, type RedisCommands, type RedisOptions } from "./redis.ts";

/**
 * Remembers in Redis, for all processes that accept the same tickets: `SET … PX … NX`, which only the
 * first of them gets an OK for. Where Redis does not answer, early data is refused, and the handshake
 * goes on. A Redis that loses its memory opens the window for what was used before (RFC 9846 §8.2).
 */
export class RedisReplayGuard implements ReplayGuard {
  readonly #redis: RedisCommands;
  readonly #options: RedisOptions;

  constructor(redis: RedisCommands, options: RedisOptions = {}) {
    this.#redis = redis;
    this.#options = options;
  }

  async firstUse(identifier: Uint8Array, until: number): Promise<boolean> {
    const { prefix = "kemistry:", now = Date.now } = this.#options;
    const key = `${prefix}used:${toHex(identifier)}`;
    // The last millisecond is included
    const remaining = Math.max(1, Math.ceil(until - now()) + 1);
    const answer = this.#redis.set(key, "1", "PX", remaining, "NX");
    return (await ask(answer, null, this.#options)) === "OK";
  }
}
