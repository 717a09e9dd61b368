/** One process accepts connections, another speaks TLS on them: it alone has the key. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { connect, createDevelopmentCa, createServer, native } from "kemistry/node";

if (process.send === undefined) {
  const child = fork(fileURLToPath(import.meta.url));
  const [ca] = (await once(child, "message")) as [string];
  // Paused, so that nothing is read before the other process has it
  const server = createTcpServer({ pauseOnConnect: true }, (socket) => {
    child.send("a connection", socket);
  });
  server.listen(0, "localhost");
  await once(server, "listening");

  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "localhost", ca });
  for await (const text of socket.setEncoding("utf8")) {
    console.log(`served by the other process: ${Number(text) === child.pid}`);
  }
  server.close();
  child.disconnect();
} else {
  const ca = createDevelopmentCa({ provider: native, now: Date.now() });
  const credentials = [ca.issue({ names: ["localhost"] })];
  const server = createServer({ credentials }, (socket) => socket.end(String(process.pid)));
  process.on("message", (_, socket) => server.emit("connection", socket as Socket));
  process.send(ca.pem);
}
