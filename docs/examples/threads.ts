/** Each thread has a server of its own, and all take each other's tickets: they share the key that seals them. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { isMainThread, parentPort, threadId, Worker, workerData } from "node:worker_threads";
import {
  connect,
  createDevelopmentCa,
  createServer,
  native,
  sealedTickets,
  TicketKeys,
  type OfferedPsk,
} from "kemistry/node";

interface Shared {
  readonly cert: string;
  readonly key: string;
  /** 16 bytes of name, 32 of key. */
  readonly ticketKey: Uint8Array;
}

if (isMainThread) {
  const ca = createDevelopmentCa({ provider: native, now: Date.now() });
  const { certificatePem: cert, privateKeyPem: key } = ca.issue({ names: ["localhost"] });
  const shared: Shared = { cert, key, ticketKey: randomBytes(48) };
  const workers = [0, 1].map(() => new Worker(new URL(import.meta.url), { workerData: shared }));
  const ports = await Promise.all(
    workers.map(async (worker) => (await once(worker, "message")) as [number]),
  );

  let session: OfferedPsk | undefined;
  for (const [port] of ports) {
    const socket = connect({ port, host: "localhost", ca: ca.pem, session });
    socket.on("session", (given) => (session = given));
    for await (const text of socket.setEncoding("utf8")) {
      console.log(`thread ${text}, resumed: ${socket.isSessionReused()}`);
    }
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
} else {
  const { cert, key, ticketKey } = workerData as Shared;
  const keys = new TicketKeys(native);
  keys.add(ticketKey);
  const server = createServer({ cert, key, tickets: sealedTickets(keys) }, (socket) => {
    socket.end(String(threadId));
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  parentPort?.postMessage(port, []);
}
