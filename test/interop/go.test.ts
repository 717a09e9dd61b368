/** Go's crypto/tls against ours. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect } from "vitest";
import { groups } from "../../src/index.ts";
import { connect, createServer, type TlsSocket } from "../../src/node.ts";
import { closed, readAll } from "../transport/node/support.ts";
import { credentialsOf } from "./credentials.ts";
import { itWithGo, said } from "./go-peer.ts";
import { type PeerProcess, withPeer } from "../../src/peers/process.ts";

const { ca, server: serverPem, client: clientPem, folder: files } = credentialsOf();
const names = ["X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "x25519"];
const tested = groups.filter(({ name }) => names.includes(name));
describe("Go's server", () => {
  for (const { name: group, code } of tested) {
    itWithGo(`agrees on ${group}, knows us, and sends back all that it gets`, async (path) => {
      const own = ["-ca", "ca.pem", "-cert", "server.pem", "-key", "server.key"];
      const during = async (peer: PeerProcess): Promise<void> => {
        const port = Number((await said(peer, "port"))["port"]);
        const options = { port, host: "127.0.0.1", servername: "localhost", ca, groups: [group] };
        const socket = connect({ ...options, ...clientPem });
        const data = Buffer.alloc(2_000_000, "gopher");
        const echo = readAll(socket);
        socket.end(data);
        expect((await echo).equals(data)).toBe(true);
        expect(socket.negotiated).toMatchObject({ group, retried: false });
        expect(await said(peer, "group")).toMatchObject({ group: code, peer: "client.example" });
        expect(await said(peer, "end")).toEqual({ end: true });
      };
      await withPeer(path, [...own, "-curve", String(code)], during, { cwd: files });
    });
  }
});

describe("Go's client", () => {
  for (const { name: group, code } of tested) {
    itWithGo(`agrees on ${group}, is known, and gets back all that it sends`, async (path) => {
      const options = { clientAuthentication: "require", ca, groups: [group] } as const;
      const server = createServer({ ...serverPem, ...options }, (socket) => socket.pipe(socket));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const own = ["-ca", "ca.pem", "-cert", "client.pem", "-key", "client.key"];
      const args = [...own, "-port", String(port), "-curve", String(code), "-size", "2000000"];
      const during = async (peer: PeerProcess): Promise<void> => {
        expect(await said(peer, "group")).toMatchObject({ group: code, peer: "localhost" });
        const [socket] = await accepted;
        expect(socket.negotiated).toMatchObject({ group, retried: false });
        expect(socket.getPeerCertificate()).toMatchObject({ subject: { CN: "client.example" } });
        expect(await said(peer, "end")).toEqual({ end: true, intact: true });
      };
      try {
        await withPeer(path, args, during, { cwd: files });
      } finally {
        await closed(server);
      }
    });
  }
});
