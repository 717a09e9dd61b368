/** Go's crypto/tls against ours. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { groups } from "../../src/index.ts";
import { connect, createServer, type TlsSocket } from "../../src/node.ts";
import { closed, readAll } from "../transport/node/support.ts";
import { credentialsOf, temporaryFolder } from "./credentials.ts";
import { type PeerProcess, withPeer } from "../../src/peers/process.ts";
import { itWith, peers } from "./peers.ts";

const source = fileURLToPath(new URL("go", import.meta.url));
const { ca, server: serverPem, client: clientPem, folder: files } = credentialsOf();
const names = ["X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "x25519"];
const tested = groups.filter(({ name }) => names.includes(name));
/** The first build compiles Go's own packages. */
const buildTimeout = 180_000;

let program: string | undefined;

function build(go: string): string {
  if (program !== undefined) return program;
  program = join(temporaryFolder(), "peer");
  const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "" };
  const { status, stderr } = spawnSync(go, ["build", "-o", program, "."], {
    cwd: source,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`go build: ${stderr}`);
  return program;
}

/** Go has the hybrids with NIST's curves since 1.26. */
const minor = Number(/go1\.(\d+)/.exec(peers.go?.version ?? "")?.[1] ?? 26);

function itWithGo(title: string, test: (program: string) => Promise<void>): void {
  const reason = `Go 1.${minor} is older than 1.26`;
  if (minor >= 26) itWith("go", title, ({ path }) => test(build(path)), buildTimeout);
  else {
    it(title, ({ skip }) => skip(reason));
  }
}

/** A line of JSON that has a member of that name. */
async function said(peer: PeerProcess, member: string): Promise<Record<string, unknown>> {
  const [line] = await peer.expect(new RegExp(`^\\{.*"${member}":.*$`, "m"));
  return JSON.parse(line) as Record<string, unknown>;
}

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
