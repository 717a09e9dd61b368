/** Several processes serve one port, and take each other's tickets: they share the key that seals them. */
import cluster from "node:cluster";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
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
  /** 16 bytes of name, 32 of key. Bring new ones every few hours, and add() them in every process. */
  readonly ticketKey: string;
}

if (cluster.isPrimary) {
  const ca = createDevelopmentCa({ provider: native, now: Date.now() });
  const { certificatePem: cert, privateKeyPem: key } = ca.issue({ names: ["localhost"] });
  const shared: Shared = { cert, key, ticketKey: randomBytes(48).toString("base64") };
  const ports = [0, 1].map(async () => {
    const worker = cluster.fork();
    // When it asks: not by the environment, which other programs can read
    worker.once("message", () => worker.send(shared));
    const [{ port }] = (await once(worker, "listening")) as [{ port: number }];
    return port;
  });
  const [port = 0] = await Promise.all(ports);

  /** One connection: who served it, whether it was resumed, and what resumes it. */
  const visit = async (session?: OfferedPsk) => {
    const socket = connect({ port, host: "localhost", ca: ca.pem, session });
    let newest: OfferedPsk | undefined;
    socket.on("session", (given) => (newest = given));
    let server = "";
    for await (const text of socket.setEncoding("utf8")) server += String(text);
    return { server, resumed: socket.isSessionReused(), session: newest };
  };
  const first = await visit();
  let second = await visit(first.session);
  while (second.server === first.server) second = await visit(second.session);
  console.log(`full handshake: ${!first.resumed}, resumed by another process: ${second.resumed}`);
  for (const worker of Object.values(cluster.workers ?? {})) worker?.kill();
} else {
  process.send?.("what do we share?");
  const [{ cert, key, ticketKey }] = (await once(process, "message")) as [Shared];
  const keys = new TicketKeys(native);
  keys.add(Buffer.from(ticketKey, "base64"));
  createServer({ cert, key, tickets: sealedTickets(keys) }, (socket) => {
    socket.end(String(process.pid));
  }).listen(0, "localhost");
}
