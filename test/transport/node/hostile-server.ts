/** A server with defaults, for a process of its own: it says its port, and ends with its parent. */
import { createDevelopmentCa, createServer, native } from "../../../src/node.ts";

const ca = createDevelopmentCa({ provider: native, now: Date.now() });
const { certificatePem: cert, privateKeyPem: key } = ca.issue({ names: ["localhost"] });
const server = createServer(
  { cert, key, ca: ca.pem, clientAuthentication: "request", handshakeTimeout: 60_000 },
  (socket) => socket.end("still here"),
);
server.on("tlsClientError", () => {});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as { readonly port: number }).port, ca: ca.pem });
});
process.on("disconnect", () => process.exit());
process.on("message", () => process.send?.(process.memoryUsage()));
