import { once } from "node:events";
import * as net from "node:net";
import { describe, expect, it } from "vitest";
import { leave } from "../../../src/transport/node/leave.ts";
import { closed, duplexPair, portOf, readAll } from "./support.ts";

describe("leaving a transport", () => {
  it("lets the last words arrive at a peer that is still sending", async () => {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.once("data", () => {
        socket.pause();
        // By now there is input that nobody has read
        setTimeout(() => {
          socket.write("last words");
          leave(socket);
        }, 20);
      });
    });
    const port = await portOf(server);
    const client = net.connect(port, "127.0.0.1");
    await once(client, "connect");
    client.write("hello");
    for (let i = 0; i < 50; i++) client.write(Buffer.alloc(10_000));
    expect(String(await readAll(client))).toBe("last words");
    await closed(server);
  });

  it("ends it at once, and destroys it when the peer has ended", async () => {
    const [left, right] = duplexPair();
    leave(left);
    await once(right.resume(), "end");
    expect(left.destroyed).toBe(false);
    right.end();
    await once(left, "close");
  });

  it("does nothing to one that is gone", () => {
    const [left] = duplexPair();
    left.destroy();
    leave(left);
    expect(left.writableEnded).toBe(false);
  });
});
