/** Resumption over sockets: sessions given from one connection to the next, and those that an agent keeps. */
import { once } from "node:events";
import * as https from "node:https";
import { describe, expect, it } from "vitest";
import { MemoryReplayGuard, type OfferedPsk } from "../../../src/index.ts";
import {
  connect,
  type ConnectOptions,
  createHttpsServer,
  createSecureContext,
  HttpsAgent,
  type TlsSocket,
} from "../../../src/node.ts";
import { SessionCache } from "../../../src/transport/node/sessions.ts";
import {
  ca,
  closed,
  connected,
  failureOf,
  portOf,
  quick,
  readAll,
  serverPem,
  withServer,
} from "./support.ts";

async function sessionFrom(port: number, options: ConnectOptions = {}): Promise<OfferedPsk> {
  const prepared = options.secureContext === undefined ? { ...quick, ca: ca.pem } : {};
  const client = connect(port, "127.0.0.1", { ...prepared, ...options });
  const [session] = (await once(client, "session")) as [OfferedPsk];
  client.destroy();
  return session;
}
async function resumes(port: number, options: ConnectOptions): Promise<boolean> {
  const client = await connected(port, options);
  client.destroy();
  return client.isSessionReused();
}

describe("a session", () => {
  it("is given by a server that nobody told to, and resumes", async () => {
    await withServer({}, async (port, server) => {
      const session = await sessionFrom(port);
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      expect(await resumes(port, { session })).toBe(true);
      expect((await accepted)[0].isSessionReused()).toBe(true);
      expect(await resumes(port, { session: undefined })).toBe(false);
    });
  });

  it("comes as often as the options say, or not at all", async () => {
    for (const [tickets, count] of [
      [true, 2],
      [{ count: 3 }, 3],
      [{ count: 0 }, 0],
      [false, 0],
    ] as const) {
      await withServer({ tickets }, async (port, server) => {
        const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
        const client = connect(port, "127.0.0.1", { ...quick, ca: ca.pem });
        let sessions = 0;
        client.on("session", () => sessions++).resume();
        (await accepted)[0].end("tickets come before this");
        await once(client, "end");
        expect(sessions).toBe(count);
      });
    }
  });

  it("is another server's, or one whose keys are gone", async () => {
    let session: OfferedPsk | undefined;
    await withServer({}, async (port) => {
      session = await sessionFrom(port);
    });
    await withServer({}, async (port) => {
      expect(await resumes(port, { session })).toBe(false);
    });
  });

  it("goes with options that were prepared for many connections", async () => {
    await withServer({}, async (port) => {
      const secureContext = createSecureContext({ ...quick, ca: ca.pem });
      const session = await sessionFrom(port, { secureContext });
      expect(await resumes(port, { secureContext, session })).toBe(true);
      expect(await resumes(port, { secureContext })).toBe(false);
    });
  });

  it("of a server that was not accepted is no way around the question", async () => {
    await withServer({}, async (port) => {
      const loose = { ca: undefined, rejectUnauthorized: false } as unknown as ConnectOptions;
      const session = await sessionFrom(port, loose);
      const again = await connected(port, { ...loose, session });
      expect([again.isSessionReused(), again.authorized]).toEqual([true, false]);
      again.destroy();
      const strict = connect(port, "127.0.0.1", { ...quick, session });
      expect(await failureOf(strict)).toMatchObject({ reason: "unknown_ca" });
      const trusting = await connected(port, { session });
      expect([trusting.isSessionReused(), trusting.authorized]).toEqual([true, true]);
      trusting.destroy();
    });
  });
});

describe("early data over sockets", () => {
  const earlyData = "safe-to-replay";

  it("is taken by a server that is told to, and remembered by it", async () => {
    await withServer({ earlyData: true }, async (port, server) => {
      server.on("secureConnection", (socket: TlsSocket) => socket.pipe(socket));
      const session = await sessionFrom(port);
      expect(session.origin?.maxEarlyData).toBe(16_384);
      const client = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, session, earlyData });
      client.end("at once");
      expect((await readAll(client)).toString()).toBe("at once");
      expect(client.negotiated?.earlyData).toBe("accepted");
    });
  });

  it("keeps what the options say of it", async () => {
    const replayGuard = new MemoryReplayGuard();
    const uses: boolean[] = [];
    const counting = {
      firstUse: (...use: Parameters<typeof replayGuard.firstUse>) => {
        uses.push(replayGuard.firstUse(...use));
        return uses.at(-1)!;
      },
    };
    await withServer({ earlyData: { maxSize: 5, replayGuard: counting } }, async (port, server) => {
      server.on("secureConnection", (socket: TlsSocket) => socket.pipe(socket));
      const session = await sessionFrom(port);
      expect(session.origin?.maxEarlyData).toBe(5);
      const client = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, session, earlyData });
      client.end("hello, and the rest");
      expect((await readAll(client)).toString()).toBe("hello, and the rest");
      expect(uses).toEqual([true]);
    });
  });

  it("goes out again when it is refused, to the protocol that it was written for", async () => {
    await withServer({ alpn: ["echo"], earlyData: true }, async (port, server) => {
      let heard = "";
      server.on("secureConnection", (socket: TlsSocket) => {
        socket.on("data", (data) => (heard += String(data))).pipe(socket);
      });
      const alpn = ["echo", "other"];
      const [first, second] = [
        await sessionFrom(port, { alpn }),
        await sessionFrom(port, { alpn }),
      ];
      const again = (session: OfferedPsk) => {
        const client = connect(port, "127.0.0.1", {
          ...quick,
          ca: ca.pem,
          alpn,
          session,
          earlyData,
        });
        client.end("to an echo");
        return client;
      };

      server.update({ tickets: true });
      const client = again(first);
      expect((await readAll(client)).toString()).toBe("to an echo");
      expect(client.negotiated).toMatchObject({ resumed: false, earlyData: "refused_by_server" });

      server.update({ alpn: ["other"] });
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const mistaken = again(second);
      let secure = false;
      mistaken.on("secureConnect", () => (secure = true));
      // RFC 9846 §4.3.10
      expect(await failureOf(mistaken)).toMatchObject({ reason: "early_data_refused" });
      expect(secure).toBe(false);
      const [socket] = await accepted;
      await once(socket, "close");
      expect(heard).toBe("to an echo");
    });
  });

  it("is refused by a server that is not", async () => {
    await withServer({}, async (port, server) => {
      server.on("secureConnection", (socket: TlsSocket) => socket.pipe(socket));
      const session = await sessionFrom(port);
      expect(session.origin?.maxEarlyData).toBe(0);
      const client = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, session, earlyData });
      client.end("when the handshake is over");
      expect((await readAll(client)).toString()).toBe("when the handshake is over");
      expect(client.negotiated).toMatchObject({ resumed: true, earlyData: "none" });
    });
  });
});

describe("an agent", () => {
  it("resumes, each session once, and not at another server", async () => {
    const server = createHttpsServer({ ...quick, ...serverPem }, (request, response) => {
      const socket = request.socket as unknown as TlsSocket;
      response.end(String(socket.isSessionReused()));
    });
    const port = await portOf(server);
    const agent = new HttpsAgent({ ...quick, ca: ca.pem, keepAlive: false });
    const ask = async (host: string): Promise<string> => {
      const request = https.get({ host, port, agent });
      const [response] = (await once(request, "response")) as [AsyncIterable<Buffer>];
      let text = "";
      for await (const chunk of response) text += String(chunk);
      return text;
    };
    expect([await ask("127.0.0.1"), await ask("127.0.0.1")]).toEqual(["false", "true"]);
    expect([await ask("localhost"), await ask("localhost")]).toEqual(["false", "true"]);
    server.closeAllConnections();
    await closed(server);
  });

  it("keeps a few of the newest sessions of a limited number of servers", () => {
    const cache = new SessionCache(2);
    const session = (name: string) => ({ identity: Buffer.from(name) }) as unknown as OfferedPsk;
    const takeAll = (server: string): string[] => {
      const name = cache.take(server)?.identity;
      return name === undefined ? [] : [String(name), ...takeAll(server)];
    };
    for (let i = 0; i < 6; i++) cache.put("a", session(`a${i}`));
    cache.put("b", session("b"));
    expect(takeAll("a")).toEqual(["a5", "a4", "a3", "a2"]);
    expect(takeAll("a")).toEqual([]);
    for (const server of ["c", "b", "d"]) cache.put(server, session(server));
    expect(["b", "c", "d"].map(takeAll)).toEqual([["b", "b"], [], ["d"]]);
  });
});
