/** Node's own TLS, of a version that has the hybrid groups, against ours. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import {
  connect,
  createHttpsServer,
  createServer,
  native,
  sealedTickets,
  TicketKeys,
  type TlsServerOptions,
  type TlsSocket,
} from "../../src/node.ts";
import { closed, failureOf, readAll } from "../transport/node/support.ts";
import { credentialsOf } from "./credentials.ts";
import { type PeerProcess, withPeer } from "../../src/peers/process.ts";
import { itWith } from "./peers.ts";

const script = fileURLToPath(new URL("node-peer.mjs", import.meta.url));
const hybrids = ["X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024"];
const { ca, server: serverPem, client: clientPem } = credentialsOf();

type Options = Readonly<Record<string, unknown>>;

const withNode = <T>(
  path: string,
  role: string,
  options: Options,
  use: (peer: PeerProcess) => Promise<T>,
): Promise<T> => withPeer(path, [script, role, JSON.stringify(options)], use);

/** A line of JSON that has a member of that name. */
async function said(peer: PeerProcess, member: string): Promise<Options> {
  const [line] = await peer.expect(new RegExp(`^\\{.*"${member}":.*$`, "m"));
  return JSON.parse(line) as Options;
}

/** Node as the server; gives options for connecting to it. */
async function withNodeServer(
  path: string,
  options: Options,
  use: (
    base: { port: number; host: string; servername: string; ca: string },
    peer: PeerProcess,
  ) => Promise<void>,
): Promise<void> {
  await withNode(path, "server", { ...serverPem, ca, ...options }, async (peer) => {
    const { port } = await said(peer, "port");
    await use({ port: Number(port), host: "127.0.0.1", servername: "localhost", ca }, peer);
  });
}

/** A server of ours that sends back what it gets. */
async function withEcho(
  options: Partial<TlsServerOptions>,
  use: (port: number, accepted: Promise<TlsSocket>) => Promise<void>,
): Promise<void> {
  const server = createServer({ ...serverPem, ...options }, (socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
  try {
    await use(
      (server.address() as AddressInfo).port,
      accepted.then(([socket]) => socket),
    );
  } finally {
    await closed(server);
  }
}

describe("Node's server", () => {
  for (const group of hybrids) {
    itWith("node24", `agrees on ${group}, and sends back all that it gets`, async ({ path }) => {
      const options = { ecdhCurve: group, ALPNProtocols: ["echo"] };
      await withNodeServer(path, options, async (base, peer) => {
        const socket = connect({ ...base, groups: [group], alpn: ["echo"] });
        const data = Buffer.alloc(8_000_000, "abcdefg");
        const echo = readAll(socket);
        socket.end(data);
        expect((await echo).equals(data)).toBe(true);
        expect(socket.negotiated).toMatchObject({ group, postQuantum: true, retried: false });
        expect(await said(peer, "group")).toMatchObject({ alpn: "echo" });
        await said(peer, "end");
      });
    });
  }

  itWith("node24", "asks again for a hybrid", async ({ path }) => {
    await withNodeServer(path, { ecdhCurve: "X25519MLKEM768" }, async (base) => {
      const socket = connect({ ...base, groups: ["x25519", "X25519MLKEM768"] });
      await once(socket, "secureConnect");
      expect(socket.negotiated).toMatchObject({ group: "X25519MLKEM768", retried: true });
      socket.destroy();
    });
  });

  itWith("node24", "knows us by our certificate, and hangs up without it", async ({ path }) => {
    const options = { requestCert: true, rejectUnauthorized: true };
    await withNodeServer(path, options, async (base, peer) => {
      const known = connect({ ...base, ...clientPem });
      await once(known, "secureConnect");
      expect(await said(peer, "group")).toMatchObject({ authorized: true, peer: "client.example" });
      known.destroy();
      // It says nothing of why
      expect(["truncated", "peer_alert"]).toContain((await failureOf(connect(base))).code);
    });
  });

  itWith("node24", "resumes a session, which stays hybrid", async ({ path }) => {
    await withNodeServer(path, {}, async (base) => {
      const first = connect(base);
      const [session] = await once(first, "session");
      first.end();
      const second = connect({ ...base, psks: [session] });
      await once(second, "secureConnect");
      expect(second.negotiated).toMatchObject({ resumed: true, group: "X25519MLKEM768" });
      second.destroy();
    });
  });
});

describe("Node's client", () => {
  for (const group of hybrids) {
    itWith("node24", `agrees on ${group}, and gets back all that it sends`, async ({ path }) => {
      await withEcho({ groups: [group], alpn: ["echo"] }, async (port, accepted) => {
        const options = { ca, port, servername: "localhost", ecdhCurve: group, size: 8_000_000 };
        await withNode(path, "client", { ...options, ALPNProtocols: ["echo"] }, async (peer) => {
          expect(await said(peer, "group")).toMatchObject({
            group,
            alpn: "echo",
            authorized: true,
          });
          expect((await accepted).negotiated).toMatchObject({ group, retried: false });
          expect(await said(peer, "end")).toMatchObject({ intact: true });
        });
      });
    });
  }

  itWith("node24", "is asked again for a hybrid", async ({ path }) => {
    await withEcho({ groups: ["SecP384r1MLKEM1024"] }, async (port, accepted) => {
      const ecdhCurve = "x25519:SecP384r1MLKEM1024";
      const options = { ca, port, servername: "localhost", ecdhCurve, size: 10 };
      await withNode(path, "client", options, async (peer) => {
        expect(await said(peer, "group")).toMatchObject({ group: "SecP384r1MLKEM1024" });
        expect((await accepted).negotiated?.retried).toBe(true);
        expect(await said(peer, "end")).toMatchObject({ intact: true });
      });
    });
  });

  itWith("node24", "shows its certificate", async ({ path }) => {
    await withEcho({ clientAuthentication: "require", ca }, async (port, accepted) => {
      const options = { ca, port, servername: "localhost", ...clientPem, size: 10 };
      await withNode(path, "client", options, async (peer) => {
        expect((await accepted).getPeerCertificate()).toMatchObject({
          subject: { CN: "client.example" },
        });
        expect(await said(peer, "end")).toMatchObject({ intact: true });
      });
    });
  });

  itWith("node24", "resumes a session", async ({ path }) => {
    await withEcho({ tickets: sealedTickets(new TicketKeys(native)) }, async (port) => {
      await withNode(path, "resume", { ca, port, servername: "localhost" }, async (peer) => {
        const state = { reused: true, group: "X25519MLKEM768", authorized: true };
        expect(await said(peer, "group")).toMatchObject(state);
        await peer.exit();
      });
    });
  });

  itWith("node24", "fetches pages over HTTP from our server", async ({ path }) => {
    const page = "post-quantum ".repeat(50_000);
    const sockets = new Set<unknown>();
    const server = createHttpsServer(serverPem, (request, response) => {
      sockets.add(request.socket);
      response.end(
        createHash("sha256")
          .update(page + request.url)
          .digest("hex"),
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await withNode(path, "get", { ca, port }, async (peer) => {
      for (const url of ["/first", "/second"]) {
        const body = createHash("sha256")
          .update(page + url)
          .digest("hex");
        await peer.expect(new RegExp(body));
      }
      await peer.exit();
      expect(sockets.size).toBe(1);
    });
    server.closeAllConnections();
    await closed(server);
  });
});
