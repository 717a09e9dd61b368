import type { EarlyDataUse, ReplayGuard } from "../../handshake/index.ts";
import { TlsError } from "../../registry/index.ts";
import { toHex } from "../../wire/index.ts";
import { ask, checkRedis, type RedisCommands, type RedisOptions } from "./redis.ts";

/**
 * In one step, on the node of a cluster that has the keys: forgets, and remembers what it forgot; says no
 * where the memory does not reach back far enough; else says whether the identifier is new.
 *
 * KEYS: a sorted set of identifiers by the time of their use; a hash of what is known of it.
 * ARGV: identifier, now, up to which use may be forgotten, the earliest possible use, whether to look at
 * the policy of eviction.
 */
const script = `
if ARGV[5] == "1" then
  local policy = string.match(redis.call("INFO", "memory"), "maxmemory_policy:([%w-]+)")
  if policy ~= "noeviction" then return policy or "unknown" end
end
local now, earliest = tonumber(ARGV[2]), tonumber(ARGV[4])
redis.call("HSETNX", KEYS[2], "began", ARGV[2])
local old = redis.call("ZREVRANGEBYSCORE", KEYS[1], "(" .. ARGV[3], "-inf", "WITHSCORES", "LIMIT", 0, 1)
if old[2] then
  redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", "(" .. ARGV[3])
  local before = redis.call("HGET", KEYS[2], "forgotten")
  if not before or tonumber(before) < tonumber(old[2]) then
    redis.call("HSET", KEYS[2], "forgotten", old[2])
  end
end
local began = tonumber(redis.call("HGET", KEYS[2], "began"))
local forgotten = tonumber(redis.call("HGET", KEYS[2], "forgotten") or "-inf")
if earliest <= began or (forgotten and earliest <= forgotten) then return 0 end
return redis.call("ZADD", KEYS[1], "NX", now, ARGV[1])
`;

/** Milliseconds after which we ask anew whether Redis may evict. */
const checkAfter = 60_000;

/**
 * Remembers in Redis, for all processes that accept the same tickets. It says no where it cannot know: to
 * what may have been used before the memory began, for one window after Redis was empty; to what may have
 * been used and is forgotten, when a clock was wrong; where Redis does not answer; and where its
 * `maxmemory-policy` is not `noeviction`, since a memory that is short of room must not forget in silence.
 * The handshake goes on without early data. Redis replicates asynchronously: what was used in the moment
 * before a failover may be used once more (RFC 9846 §8.2).
 */
export class RedisReplayGuard implements ReplayGuard {
  readonly #redis: RedisCommands;
  readonly #options: RedisOptions;
  /** When each part of the memory was last seen not to evict, on the process's clock. */
  readonly #checked = new Map<string, number>();

  constructor(redis: RedisCommands, options: RedisOptions = {}) {
    checkRedis(options, "RedisReplayGuard");
    this.#redis = redis;
    this.#options = options;
  }

  /** As {@link ReplayGuard.firstUse}. */
  async firstUse(identifier: Uint8Array, { earliest, now, until }: EarlyDataUse): Promise<boolean> {
    const id = toHex(identifier);
    // Sixteen parts, so that a cluster can spread them
    const part = id.slice(0, 1);
    const name = `${this.#options.prefix ?? "kemistry:"}{early-data-${part}}:`;
    const isDue = performance.now() - (this.#checked.get(part) ?? -Infinity) > checkAfter;
    const times = [now, now - (until - now), earliest].map(Math.floor);
    const answer = await ask(
      this.#redis.eval(script, 2, `${name}used`, `${name}memory`, id, ...times, isDue ? 1 : 0),
      0,
      this.#options,
    );
    if (typeof answer === "string") {
      this.#options.onError?.(
        new TlsError("misuse", "this Redis may forget what was used: early data is refused", {
          expected: "the maxmemory-policy noeviction",
          received: answer,
          section: "RFC 9846 §8.2",
        }),
      );
      return false;
    }
    if (isDue) this.#checked.set(part, performance.now());
    return answer === 1;
  }
}
