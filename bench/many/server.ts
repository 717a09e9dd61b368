/** The server of the suite `many`: it sends back what it gets. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, tlsErrorOf, type TlsServer, type TlsSocket } from "../../src/node.ts";
import { endWithParent } from "../child.ts";
import type { Identity, ServerAnswer, ServerOrder, ServerState } from "./messages.ts";

const open = new Set<TlsSocket>();
const failures: Record<string, number> = {};
let accepted = 0;
let dropped = 0;
let server: TlsServer;

async function listen(identity: Identity, handshakeTimeout: number): Promise<ServerAnswer> {
  const { cert, key } = identity;
  const options = { cert, key, groups: ["X25519MLKEM768"], handshakeTimeout };
  server = createServer(options, (socket) => {
    accepted++;
    open.add(socket.once("close", () => open.delete(socket)));
    socket.on("data", (data) => socket.write(data));
  });
  server.on("tlsClientError", (error) => {
    const reason = tlsErrorOf(error)?.code ?? error.name;
    failures[reason] = (failures[reason] ?? 0) + 1;
  });
  server.on("drop", () => dropped++);
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 });
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port };
}

function report(): ServerAnswer {
  const { user, system } = process.cpuUsage();
  // What it costs to count does not count
  globalThis.gc?.();
  const { heapUsed: heap, rss: resident } = process.memoryUsage();
  const state: ServerState = {
    open: open.size,
    pending: server.pendingHandshakes,
    accepted,
    dropped,
    failures,
    cpu: (user + system) / 1000,
    heap,
    resident,
  };
  return { state };
}

endWithParent();
process.on("message", (order: ServerOrder) => {
  const answer =
    "listen" in order ? listen(order.listen, order.handshakeTimeout) : Promise.resolve(report());
  void answer.then((value) => process.send?.(value));
});
