import { once } from "node:events";
import * as net from "node:net";
import { describe, expect, it } from "vitest";
import type { SocketError } from "../../../src/node.ts";
import { PendingMemory, type Weighed } from "../../../src/transport/node/pending-memory.ts";
import { recordsOf } from "../../support/hello.ts";
import { withBody } from "../../support/raw.ts";
import { connected, withServer } from "./support.ts";

describe("the memory of pending handshakes", () => {
  it("drops the heaviest where all together are too heavy", () => {
    const dropped: Weighed[] = [];
    const memory = new PendingMemory<Weighed>(100, (each) => dropped.push(each));
    const sockets = [30, 50, 20].map((heldBytes) => ({ heldBytes }));
    for (const socket of sockets) memory.weigh(socket);
    expect([memory.total, dropped]).toEqual([100, []]);
    sockets[2]!.heldBytes = 21;
    memory.weigh(sockets[2]!);
    expect(dropped).toEqual([sockets[1]]);
    expect(memory.total).toBe(51);
  });

  it("forgets who is done, and weighs anew who has less", () => {
    const memory = new PendingMemory<Weighed>(100, () => expect.unreachable());
    const [one, two] = [{ heldBytes: 90 }, { heldBytes: 90 }];
    memory.weigh(one);
    memory.forget(one);
    memory.forget(one);
    memory.weigh(two);
    two.heldBytes = 5;
    memory.weigh(two);
    expect(memory.total).toBe(5);
  });
});

describe("a server's maxPendingBytes", () => {
  /** Most of a hello that never ends. */
  const begun = recordsOf(withBody(1, new Uint8Array(120_000)).subarray(0, 60_000));

  it("ends the connections that hold most, and an honest one goes on", async () => {
    await withServer({ maxPendingBytes: 150_000 }, async (port, server) => {
      const errors: SocketError[] = [];
      server.on("tlsClientError", (error) => errors.push(error));
      const attackers = Array.from({ length: 12 }, () => net.connect(port, "127.0.0.1"));
      const ended = attackers.map((socket) => {
        socket.on("error", () => {});
        socket.write(begun);
        return once(socket.resume(), "close");
      });
      await Promise.any(ended);
      const client = await connected(port, { servername: "localhost" });
      expect(client.authorized).toBe(true);
      expect(errors.length).toBeGreaterThan(0);
      expect(errors.length).toBeLessThan(attackers.length);
      for (const error of errors) {
        expect(error).toMatchObject({ reason: "canceled", detail: { expected: /150000/ } });
      }
      client.destroy();
      for (const socket of attackers) socket.destroy();
    });
  });
});
