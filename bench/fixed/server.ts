/** A server by `node:tls`, the same for all clients. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import * as tls from "node:tls";
import { endWithParent } from "../child.ts";
import { type Identity, Request, transferLength } from "./start.ts";

async function listen(identity: Identity): Promise<number> {
  const server = tls.createServer(
    { ...identity, minVersion: "TLSv1.3", ecdhCurve: "X25519:P-256" },
    (socket) => {
      let left = 0;
      socket.on("error", () => {});
      socket.on("data", (data) => {
        if (left === 0 && data[0] === Request.download) {
          socket.write(Buffer.alloc(transferLength, 7));
          return;
        }
        if (left === 0) left = transferLength;
        left -= data.length;
        if (left === 0) socket.write("!");
      });
    },
  );
  server.on("tlsClientError", () => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

endWithParent();
process.once("message", (identity: Identity) => {
  void listen(identity).then((port) => process.send?.(port));
});
