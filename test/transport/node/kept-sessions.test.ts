/** `newSession` and `resumeSession`: an application keeps the sessions of a server, for itself or for other processes. */
import { type EventEmitter, once } from "node:events";
import * as https from "node:https";
import { describe, expect, it } from "vitest";
import type { OfferedPsk } from "../../../src/index.ts";
import {
  connect,
  createHttp2Server,
  createHttpsServer,
  createServer,
  createServerContext,
  HttpsAgent,
  type SocketError,
  tlsErrorOf,
  type TlsServerEvents,
} from "../../../src/node.ts";
import {
  ca,
  clientPem,
  closed,
  connected,
  failureOf,
  portOf,
  quick,
  serverPem,
  withServer,
} from "./support.ts";

type Answer = TlsServerEvents<unknown>["resumeSession"][1];

/** Keeps sessions as programs for node:tls do. */
function keep(server: EventEmitter, kept = new Map<string, Buffer>()) {
  server.on("newSession", (identifier: Buffer, session: Buffer, done: () => void) => {
    kept.set(identifier.toString("hex"), session);
    setImmediate(done);
  });
  server.on("resumeSession", (identifier: Buffer, answer: Answer) => {
    const session = kept.get(identifier.toString("hex")) ?? null;
    setImmediate(() => answer(null, session));
  });
  return kept;
}

/** A session of a client, which is then gone. */
async function sessionOf(port: number): Promise<OfferedPsk> {
  const socket = await connected(port, clientPem);
  const [session] = (await once(socket, "session")) as [OfferedPsk];
  socket.destroy();
  return session;
}

async function isResumed(port: number, session: OfferedPsk): Promise<boolean> {
  const socket = await connected(port, { session });
  const resumed = socket.isSessionReused();
  socket.destroy();
  return resumed;
}

describe("sessions that an application keeps", () => {
  const asking = { requestCert: true, rejectUnauthorized: false, ca: ca.pem };

  it("are resumed by their identifier, also at another server that knows them", async () => {
    await withServer(asking, async (port, server) => {
      const kept = keep(server);
      const session = await sessionOf(port);
      expect([...kept.keys()]).toContain(Buffer.from(session.identity).toString("hex"));
      expect(session.identity.length).toBe(32);
      await withServer(asking, async (otherPort, other) => {
        keep(other, kept);
        const names: unknown[] = [];
        other.on("secureConnection", ({ negotiated }) =>
          names.push(negotiated?.peer?.chain[0]?.subject.text),
        );
        expect(await isResumed(otherPort, session)).toBe(true);
        // Whom the first handshake proved
        await expect.poll(() => names).toEqual(["CN=client.example"]);
      });
      kept.clear();
      expect(await isResumed(port, session)).toBe(false);
    });
  });

  it("are sealed tickets again when nobody listens any more, and what was sealed before still counts", async () => {
    await withServer({}, async (port, server) => {
      const sealed = await sessionOf(port);
      expect(sealed.identity.length).toBeGreaterThan(100);
      const kept = keep(server);
      expect(await isResumed(port, sealed)).toBe(true);
      server.removeAllListeners("newSession");
      const count = kept.size;
      expect((await sessionOf(port)).identity.length).toBeGreaterThan(100);
      expect(kept.size).toBe(count);
    });
  });

  it("refuse the client by an error, and by bytes of another kind", async () => {
    const answers = [
      [new Error("the store is away"), undefined, "internal"],
      [null, Buffer.from("something else"), "misuse"],
    ] as const;
    for (const [error, bytes, reason] of answers) {
      await withServer({}, async (port, server) => {
        server.on("newSession", (_, __, done) => done());
        server.on("resumeSession", (_, answer) => answer(error, bytes));
        const session = await sessionOf(port);
        const failures: SocketError[] = [];
        server.on("tlsClientError", (failure) => failures.push(failure));
        const socket = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, session });
        expect(await failureOf(socket)).toMatchObject({
          code: "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR",
        });
        // The first client has hung up, too
        await expect.poll(() => failures.map((each) => tlsErrorOf(each)?.code)).toContain(reason);
      });
    }
  });

  it("go on where tickets are replaced", async () => {
    await withServer({}, async (port, server) => {
      const kept = keep(server);
      server.update({ tickets: { lifetime: 60 } });
      const session = await sessionOf(port);
      expect([kept.size > 0, session.origin?.lifetime]).toEqual([true, 60]);
      expect(await isResumed(port, session)).toBe(true);
    });
  });

  it("are told of by HTTP servers too", async () => {
    const server = createHttpsServer({ ...quick, ...serverPem }, (_, response) => response.end());
    const kept = keep(server);
    const port = await portOf(server);
    const agent = new HttpsAgent({ ca: ca.pem });
    const resumed: boolean[] = [];
    server.on("secureConnection", (socket) => resumed.push(socket.isSessionReused()));
    for (let i = 0; i < 2; i++) {
      const [response] = await once(https.get({ agent, host: "localhost", port }), "response");
      await once(response.resume(), "close");
    }
    expect([resumed, kept.size > 0]).toEqual([[false, true], true]);
    server.closeAllConnections();
    await closed(server);
  });

  it("cannot be listened for where they never come", () => {
    const secureContext = createServerContext(serverPem);
    expect(() => createServer({ secureContext }).on("newSession", () => {})).toThrow(
      "TlsServer: newSession never comes: the server's context is also for others; give `tickets: storedTickets(store)` to it",
    );
    for (const make of [createServer, createHttpsServer, createHttp2Server]) {
      const server: EventEmitter = make({ ...serverPem, tickets: false });
      expect(() => server.on("resumeSession", () => {})).toThrow(/`tickets` is false/);
    }
  });
});
