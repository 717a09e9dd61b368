import { deserializePsk, type Psk, serializePsk, type TicketStore } from "../../handshake/index.ts";
import { ask, checkRedis, type RedisCommands, type RedisOptions } from "./redis.ts";

/**
 * Keeps the keys of `storedTickets` in Redis, until their tickets end, for all processes of a server.
 * Each is given out once. Where Redis does not answer, there is a full handshake.
 *
 * Whoever can read that Redis can read the sessions that are not resumed yet, and what resumes them.
 */
export class RedisTicketStore implements TicketStore {
  readonly #redis: RedisCommands;
  readonly #options: RedisOptions;

  constructor(redis: RedisCommands, options: RedisOptions = {}) {
    checkRedis(options, "RedisTicketStore");
    this.#redis = redis;
    this.#options = options;
  }

  /** As {@link TicketStore.put}. */
  async put(identifier: string, psk: Psk): Promise<void> {
    const { lifetime = 1 } = psk.origin ?? {};
    const value = Buffer.from(serializePsk(psk));
    const answer = this.#redis.set(this.#key(identifier), value, "PX", lifetime * 1000);
    await ask(answer, undefined, this.#options);
  }

  /** As {@link TicketStore.take}. */
  async take(identifier: string): Promise<Psk | undefined> {
    const value = await ask(this.#redis.getdelBuffer(this.#key(identifier)), null, this.#options);
    return value === null ? undefined : deserializePsk(Uint8Array.from(value));
  }

  #key(identifier: string): string {
    return `${this.#options.prefix ?? "kemistry:"}ticket:${identifier}`;
  }
}
