/** Many connections at once, in small: `kemistry bench many` does it with thousands. */
import { once } from "node:events";
import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  connect,
  createSecureContext,
  tlsErrorOf,
  type TlsServer,
  type TlsSocket,
} from "../../../src/node.ts";
import { ca, quick, withServer } from "./support.ts";

const echo = (server: TlsServer): void => {
  server.on("secureConnection", (socket: TlsSocket) =>
    socket.on("data", (data) => socket.write(data)),
  );
};

/** Says something, and hears it again. */
async function ask(socket: TlsSocket, word = "there and back again"): Promise<void> {
  socket.write(word);
  expect(String((await once(socket, "data"))[0])).toBe(word);
}

/** A client that connects, and says the beginning of a handshake at most. */
async function stalled(port: number, said: Uint8Array): Promise<net.Socket> {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  if (said.length > 0) socket.write(said);
  return socket;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isSo(); i++) await sleep(10);
  expect(isSo()).toBe(true);
}

describe("many connections", () => {
  it("are open at once, come and go, and leave nothing behind", { timeout: 60_000 }, async () => {
    await withServer({}, async (port, server) => {
      echo(server);
      const errors: unknown[] = [];
      server.on("tlsClientError", (error) => errors.push(error));
      const secureContext = createSecureContext({ ...quick, ca: ca.pem });
      const open: TlsSocket[] = [];
      for (let round = 0; round < 3; round++) {
        await Promise.all(
          Array.from({ length: 200 }, async () => {
            const socket = connect(port, "127.0.0.1", { secureContext, servername: "localhost" });
            await ask(socket);
            open.push(socket);
          }),
        );
        expect(server.pendingHandshakes).toBe(0);
        await Promise.all(open.map((socket) => ask(socket, `round ${round}`)));
        const closing = open.splice(0, 100).map((socket) => once(socket.end().resume(), "close"));
        await Promise.all(closing);
      }
      expect(open).toHaveLength(300);
      expect(errors.map(String)).toEqual([]);
      // However they go
      for (const socket of open) socket.destroy();
      const count = () =>
        new Promise<number>((resolve) => server.getConnections((_, all) => resolve(all)));
      for (let i = 0; i < 500 && (await count()) > 0; i++) await sleep(10);
      expect(await count()).toBe(0);
    });
  });
});

describe("clients that stall", () => {
  // The beginning of a ClientHello, and of nothing at all
  const beginnings = [Buffer.from("16030102000100", "hex"), Buffer.alloc(0)];

  it(
    "hold a slot each, no more than there are, and only until somebody else comes",
    { timeout: 60_000 },
    async () => {
      const options = { maxPendingHandshakes: 50, handshakeTimeout: 20_000 };
      await withServer(options, async (port, server) => {
        echo(server);
        const client = connect(port, "127.0.0.1", { ...quick, ca: ca.pem });
        await ask(client);
        let dropped = 0;
        server.on("drop", () => dropped++);
        const all = await Promise.all(
          Array.from({ length: 200 }, async (_, i) =>
            (await stalled(port, beginnings[i % 2]!)).resume(),
          ),
        );
        await until(() => dropped === 150);
        expect(server.pendingHandshakes).toBe(50);
        await until(() => all.filter((socket) => socket.destroyed).length === 150);
        // Those who are in stay in
        await ask(client);
        // Who speaks finds room: the one that has been silent for longest goes
        const late = connect(port, "127.0.0.1", { ...quick, ca: ca.pem });
        await ask(late);
        expect([dropped, server.pendingHandshakes]).toEqual([151, 49]);
        // And then there is a slot
        const next = connect(port, "127.0.0.1", { ...quick, ca: ca.pem });
        await ask(next);
        expect(dropped).toBe(151);
        for (const socket of [...all, client, late, next]) socket.destroy();
      });
    },
  );

  it("lose it after the handshake timeout, and are told why", { timeout: 60_000 }, async () => {
    await withServer({ handshakeTimeout: 1500 }, async (port, server) => {
      echo(server);
      const codes: unknown[] = [];
      server.on("tlsClientError", (error) => codes.push(tlsErrorOf(error)?.code));
      const client = connect(port, "127.0.0.1", { ...quick, ca: ca.pem });
      await ask(client);
      const all = await Promise.all(
        Array.from({ length: 100 }, (_, i) => stalled(port, beginnings[i % 2]!)),
      );
      const last = all.map(async (socket) => Buffer.concat((await socket.toArray()) as Buffer[]));
      // alert, fatal, general_error
      for (const bytes of await Promise.all(last))
        expect([...bytes.subarray(-2)]).toEqual([2, 117]);
      expect(codes).toEqual(Array.from({ length: 100 }, () => "timeout"));
      expect(server.pendingHandshakes).toBe(0);
      await ask(client);
      client.destroy();
    });
  });
});
