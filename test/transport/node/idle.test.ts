/** What an idle connection costs: nothing that wakes the process. */
import { type AsyncHook, createHook } from "node:async_hooks";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import * as https from "node:https";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect, createHttpsServer, HttpsAgent, type TlsSocket } from "../../../src/node.ts";
import { ca, portOf, serverPem } from "./support.ts";

/** Timers that code of `src/` started and that have not ended, by where they were started. */
const timers = new Map<number, string>();
const isOurs = (stack: string): boolean => /\/src\/(?!.*node_modules)/.test(stack);
let hook: AsyncHook;

beforeEach(() => {
  hook = createHook({
    init(id, type) {
      if (type !== "Timeout" && type !== "Immediate") return;
      const { stack = "" } = new Error(type);
      if (isOurs(stack)) timers.set(id, stack);
    },
    destroy: (id) => void timers.delete(id),
  }).enable();
});
afterEach(() => {
  hook.disable();
  timers.clear();
});

/** One that is left running would be there for longer than anybody waits here. */
const long = { handshakeTimeout: 600_000 };
/** Its own end of an idle connection has no timer either. */
const unhurried = { ...serverPem, ...long, keepAliveTimeout: 0 };
const server = createHttpsServer(unhurried, (_, response) => response.end("x"));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
let port = 0;

async function ask(agent: HttpsAgent): Promise<void> {
  port ||= await portOf(server);
  const options = { host: "127.0.0.1", servername: "localhost", port, agent };
  const [response] = (await once(https.get(options), "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
}

describe("an idle connection", { timeout: 60_000 }, () => {
  it("of an agent has no timer of ours", async () => {
    const agent = new HttpsAgent({ ...long, ca: ca.pem, keepAlive: true });
    await Promise.all([ask(agent), ask(agent), ask(agent)]);
    await expect.poll(() => Object.values(agent.freeSockets).flat().length).toBe(3);
    // The session's tickets have come, and what the handshake waited for is over
    await expect.poll(() => [...timers.values()], { timeout: 20_000 }).toEqual([]);
    agent.destroy();
  });

  it("has one timer where it has a timeout, however much comes", async () => {
    port ||= await portOf(server);
    const socket: TlsSocket = connect({
      ...long,
      host: "127.0.0.1",
      port,
      ca: ca.pem,
      timeout: 600_000,
    });
    await once(socket, "secureConnect");
    for (let i = 0; i < 5; i++) {
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await once(socket, "data");
    }
    await expect.poll(() => timers.size, { timeout: 20_000 }).toBe(1);
    socket.destroy();
    await expect.poll(() => timers.size, { timeout: 20_000 }).toBe(0);
  });
});
