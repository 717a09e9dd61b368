/** Tickets and replays in a real Redis, which several servers share. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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

describe("a replay guard in Redis", () => {
  itWith("redis", "says yes once for each identifier, whoever asks", (peer) =>
    withRedis(peer, async (redis) => {
      const guards = [new RedisReplayGuard(redis), new RedisReplayGuard(redis)] as const;
      const until = Date.now() + 10_000;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => guards[(i % 2) as 0 | 1].firstUse(utf8("a"), until)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await guards[1].firstUse(utf8("b"), until)).toBe(true);
      const elsewhere = new RedisReplayGuard(redis, { prefix: "another:" });
      expect(await elsewhere.firstUse(utf8("a"), until)).toBe(true);
      expect((await redis.keys("*")).toSorted()).toEqual([
        "another:used:61",
        "kemistry:used:61",
        "kemistry:used:62",
      ]);
    }),
  );

  itWith("redis", "lets Redis forget when the time is over", (peer) =>
    withRedis(peer, async (redis) => {
      const now = Date.now();
      const guard = new RedisReplayGuard(redis, { now: () => now });
      expect(await guard.firstUse(utf8("a"), now + 10_000)).toBe(true);
      const left = await redis.pttl("kemistry:used:61");
      expect(left).toBeGreaterThan(8000);
      expect(left).toBeLessThanOrEqual(10_001);
      expect(await guard.firstUse(utf8("b"), now - 5)).toBe(true);
      await sleep(20);
      expect(await redis.exists("kemistry:used:62")).toBe(0);
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
    };
    const errors: string[] = [];
    const told = { onError: ({ message }: TlsError) => errors.push(message) };
    expect(await new RedisReplayGuard(refusing, told).firstUse(utf8("a"), Date.now())).toBe(false);
    const store = new RedisTicketStore(refusing, told);
    await store.put("a", psk);
    expect(await store.take("a")).toBeUndefined();
    expect(errors).toEqual([
      expect.stringContaining("READONLY"),
      expect.stringContaining("READONLY"),
      expect.stringContaining("LOADING"),
    ]);
    // Nobody needs to listen
    expect(await new RedisReplayGuard(refusing).firstUse(utf8("a"), Date.now())).toBe(false);
  });
});
