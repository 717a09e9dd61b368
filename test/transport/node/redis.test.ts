/** Tickets and replays in a real Redis, which several servers share. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { type Psk, storedTickets, type TlsError } from "../../../src/index.ts";
import {
  connect,
  type RedisCommands,
  RedisReplayGuard,
  RedisTicketStore,
  type TlsServerOptions,
  type TlsSocket,
} from "../../../src/node.ts";
import { utf8 } from "../../../src/wire/index.ts";
import { itWith, type Peer } from "../../interop/peers.ts";
import { anyProvider } from "../../support/ends.ts";
import { ca, quick, readAll, withServer } from "./support.ts";

/** A server of one's own on a Unix socket, with nothing on disk; it is gone afterwards. */
async function withRedis(
  { path }: Peer,
  use: (redis: Redis, server: ChildProcess) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "kemistry-redis-"));
  const socket = join(folder, "redis.sock");
  const nothing = ["--save", "", "--appendonly", "no"];
  const place = ["--port", "0", "--unixsocket", socket, "--dir", folder];
  const server = spawn(path, [...place, ...nothing], { stdio: "ignore" });
  const redis = new Redis(socket, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  // Until the server listens, each try is an error
  redis.on("error", () => {});
  try {
    await redis.ping();
    await use(redis, server);
  } finally {
    redis.disconnect();
    if (server.exitCode === null && server.signalCode === null) {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  }
}

const psk: Psk = {
  secret: utf8("the secret of a session"),
  hash: "sha256",
  kind: "resumption",
  origin: {
    suite: 0x1301,
    serverName: "localhost",
    group: "X25519MLKEM768",
    postQuantum: true,
    issuedAt: 1_000_000,
    lifetime: 7200,
    ageAdd: 1,
    maxEarlyData: 100,
  },
};

const window = 10_000;

/** A flight that was sent at one time and comes at another. */
const use = (now: number, sentAt = now) => ({
  issuedAt: 0,
  earliest: sentAt - window,
  now,
  until: now + 2 * window,
});

/** Sixteen identifiers, one for each part of the memory. */
const ofEachPart = Array.from({ length: 16 }, (_, part) => Uint8Array.of(part * 16));

/** Lets every part of the memory begin long before it is used. */
async function begin(redis: Redis): Promise<void> {
  const guard = new RedisReplayGuard(redis);
  for (const id of ofEachPart) await guard.firstUse(id, use(Date.now() - 100 * window));
}

describe("a replay guard in Redis", () => {
  itWith("redis", "says yes once for each identifier, whoever asks", (peer) =>
    withRedis(peer, async (redis) => {
      await begin(redis);
      const guards = [new RedisReplayGuard(redis), new RedisReplayGuard(redis)] as const;
      const now = Date.now();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          guards[(i % 2) as 0 | 1].firstUse(utf8("a"), use(now)),
        ),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await guards[1].firstUse(utf8("b"), use(now))).toBe(true);
      for (const id of ofEachPart) {
        expect(await guards[0].firstUse(id, use(now))).toBe(true);
        expect(await guards[1].firstUse(id, use(now))).toBe(false);
      }
      const keys = await redis.keys("*");
      expect(keys).toHaveLength(32);
      expect(keys).toContain("kemistry:{early-data-6}:used");
    }),
  );

  // RFC 9846 §8.2
  itWith("redis", "does not know what was used before its memory began", (peer) =>
    withRedis(peer, async (redis) => {
      const guard = new RedisReplayGuard(redis);
      const began = Date.now();
      expect(await guard.firstUse(utf8("a"), use(began))).toBe(false);
      expect(await guard.firstUse(utf8("a"), use(began + window))).toBe(false);
      expect(await guard.firstUse(utf8("a"), use(began + window + 1))).toBe(true);
      // Its memory is gone, and it has begun again
      await redis.flushall();
      expect(await guard.firstUse(utf8("a"), use(began + window + 2))).toBe(false);
    }),
  );

  itWith("redis", "accepts no replay because some server's clock was wrong", (peer) =>
    withRedis(peer, async (redis) => {
      await begin(redis);
      const guard = new RedisReplayGuard(redis);
      const now = Date.now();
      const year = now + 365 * 86_400_000;
      expect(await guard.firstUse(utf8("a"), use(now))).toBe(true);
      expect(await guard.firstUse(utf8("ahead"), use(year))).toBe(true);
      for (const later of [0, window]) {
        expect(await guard.firstUse(utf8("a"), use(now + later, now))).toBe(false);
      }
      expect(await guard.firstUse(utf8("b"), use(now + window + 1))).toBe(true);
      expect(await guard.firstUse(utf8("b"), use(now + window + 1))).toBe(false);
    }),
  );

  itWith("redis", "forgets when the time is over, and not before", (peer) =>
    withRedis(peer, async (redis) => {
      await begin(redis);
      const guard = new RedisReplayGuard(redis);
      const now = Date.now();
      await guard.firstUse(utf8("a"), use(now, now + window));
      expect(await guard.firstUse(utf8("a"), use(now + 2 * window, now + window))).toBe(false);
      expect(await guard.firstUse(utf8("b"), use(now + 2 * window + 1))).toBe(true);
      expect(await redis.zrange("kemistry:{early-data-6}:used", 0, -1)).toEqual(["62"]);
    }),
  );

  itWith("redis", "refuses where Redis may forget by itself, and says so", (peer) =>
    withRedis(peer, async (redis) => {
      await begin(redis);
      const errors: string[] = [];
      const told = { onError: ({ message }: TlsError) => errors.push(message) };
      for (const policy of ["allkeys-lru", "volatile-ttl"]) {
        await redis.config("SET", "maxmemory-policy", policy);
        const guard = new RedisReplayGuard(redis, told);
        expect(await guard.firstUse(utf8("a"), use(Date.now()))).toBe(false);
        expect(errors.pop()).toMatch(
          `expected the maxmemory-policy noeviction, received ${policy}`,
        );
        await redis.config("SET", "maxmemory-policy", "noeviction");
        expect(await guard.firstUse(utf8(policy), use(Date.now()))).toBe(true);
      }
      expect(errors).toEqual([]);
    }),
  );
});

describe("a ticket store in Redis", () => {
  itWith("redis", "gives a key out once, until its ticket ends", (peer) =>
    withRedis(peer, async (redis) => {
      const [one, other] = [new RedisTicketStore(redis), new RedisTicketStore(redis)];
      await one.put("a", psk);
      const left = await redis.pttl("kemistry:ticket:a");
      expect(left).toBeGreaterThan(7_190_000);
      expect(left).toBeLessThanOrEqual(7_200_000);
      const taken = await Promise.all([one, other, one, other].map((store) => store.take("a")));
      expect(taken.filter((found) => found !== undefined)).toMatchObject([
        { ...psk, origin: psk.origin! },
      ]);
      expect(await one.take("never")).toBeUndefined();
    }),
  );

  itWith("redis", "resumes at another server, with early data, once", (peer) =>
    withRedis(peer, async (redis) => {
      await begin(redis);
      const options = (): Partial<TlsServerOptions> => ({
        tickets: storedTickets(new RedisTicketStore(redis), anyProvider.random),
        earlyData: { replayGuard: new RedisReplayGuard(redis) },
      });
      await withServer(options(), async (first, server) => {
        server.on("secureConnection", (socket: TlsSocket) => socket.pipe(socket));
        const client = connect(first, "127.0.0.1", { ...quick, ca: ca.pem });
        const [session] = await once(client, "session");
        client.destroy();
        await withServer(options(), async (second, another) => {
          another.on("secureConnection", (socket: TlsSocket) => socket.pipe(socket));
          const outcomes: unknown[] = [];
          for (const port of [second, first]) {
            const again = connect(port, "127.0.0.1", {
              ...quick,
              ca: ca.pem,
              session,
              earlyData: "safe-to-replay",
            });
            again.end("hello");
            expect((await readAll(again)).toString()).toBe("hello");
            outcomes.push([again.isSessionReused(), again.negotiated?.earlyData]);
          }
          expect(outcomes).toEqual([
            [true, "accepted"],
            [false, "refused_by_server"],
          ]);
        });
      });
    }),
  );
});

describe("a Redis that is gone", () => {
  itWith("redis", "costs resumption and early data, and no connection", (peer) =>
    withRedis(peer, async (redis, process) => {
      const errors: TlsError[] = [];
      const told = { timeout: 100, onError: (error: TlsError) => errors.push(error) };
      const options: Partial<TlsServerOptions> = {
        tickets: storedTickets(new RedisTicketStore(redis, told), anyProvider.random, { count: 1 }),
        earlyData: { replayGuard: new RedisReplayGuard(redis, told) },
      };
      await withServer(options, async (port, server) => {
        server.on("secureConnection", (socket: TlsSocket) => socket.pipe(socket));
        const first = connect(port, "127.0.0.1", { ...quick, ca: ca.pem });
        const [session] = await once(first, "session");
        first.destroy();
        expect(errors).toEqual([]);
        const gone = once(process, "exit");
        process.kill("SIGKILL");
        await gone;
        const again = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, session });
        again.end("hello");
        expect((await readAll(again)).toString()).toBe("hello");
        expect(again.isSessionReused()).toBe(false);
        // Once for the old ticket, once for the new
        expect(errors.map(({ code }) => code)).toEqual(["timeout", "timeout"]);
      });
    }),
  );

  it("is said, and answers for itself", async () => {
    const refusing: RedisCommands = {
      set: async () => {
        throw new Error("READONLY You can't write against a read only replica.");
      },
      getdelBuffer: async () => {
        throw new Error("LOADING Redis is loading the dataset in memory");
      },
      eval: async () => {
        throw new Error("BUSY Redis is busy running a script");
      },
    };
    const errors: string[] = [];
    const told = { onError: ({ message }: TlsError) => errors.push(message) };
    expect(await new RedisReplayGuard(refusing, told).firstUse(utf8("a"), use(Date.now()))).toBe(
      false,
    );
    const store = new RedisTicketStore(refusing, told);
    await store.put("a", psk);
    expect(await store.take("a")).toBeUndefined();
    expect(errors).toEqual([
      expect.stringContaining("BUSY"),
      expect.stringContaining("READONLY"),
      expect.stringContaining("LOADING"),
    ]);
    // Nobody needs to listen
    expect(await new RedisReplayGuard(refusing).firstUse(utf8("a"), use(Date.now()))).toBe(false);
  });
});
