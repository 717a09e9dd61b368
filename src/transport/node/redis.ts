import * as check from "../../registry/check.ts";
import { setTimeout as after } from "node:timers/promises";
import { TlsError, toTlsError } from "../../registry/index.ts";

/** What is asked of Redis 6.2 or later. A client of `ioredis` 5 has it, alone or for a cluster. */
export interface RedisCommands {
  /** SET with PX: the value is forgotten after so many milliseconds. */
  set(key: string, value: string | Buffer, px: "PX", milliseconds: number): Promise<unknown>;
  /** GETDEL: the value, which is forgotten at once; `null` if there is none. */
  getdelBuffer(key: string): Promise<Buffer | null>;
  /** EVAL: runs a script of Lua with so many keys, then the arguments. */
  eval(script: string, keys: number, ...values: (string | number)[]): Promise<unknown>;
}

/** Where entries are kept in Redis. */
export interface RedisOptions {
  /** Begins the names of all keys. Default: `kemistry:`. */
  readonly prefix?: string;
  /** Milliseconds that a handshake waits for an answer. Default: 250. */
  readonly timeout?: number;
  /** Told what went wrong: a handshake goes on without Redis, and nobody else would hear of it. */
  readonly onError?: (error: TlsError) => void;
}

/** @throws TypeError or RangeError for options that cannot be */
export const checkRedis = check.options({
  prefix: check.text,
  timeout: check.number(1, Infinity, " milliseconds"),
  onError: check.callable,
} satisfies check.OptionTable<RedisOptions>);

/** One question to Redis. Where it fails, or takes too long, the answer is `otherwise`. */
export async function ask<T>(
  question: Promise<T>,
  otherwise: T,
  { timeout = 250, onError }: RedisOptions,
): Promise<T> {
  const answered = new AbortController();
  try {
    const late = after(timeout, undefined, { signal: answered.signal }).then(() => {
      throw new TlsError("timeout", `Redis did not answer in ${timeout} milliseconds`);
    });
    return await Promise.race([question, late]);
  } catch (error) {
    onError?.(toTlsError(error));
    return otherwise;
  } finally {
    answered.abort();
  }
}
