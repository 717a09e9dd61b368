/** A server with a heap of 256 MB outlives hundreds of connections of each of the worst shapes. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acceptAnyCertificate, createClientConnection } from "../../../src/index.ts";
import { encodeMessage } from "../../../src/messages/index.ts";
import { connect, native } from "../../../src/node.ts";
import { root } from "../../architecture/tree.ts";
import { ordinaryHello, recordsOf } from "../../support/hello.ts";
import { clientCredential } from "../../support/identities.ts";
import { withShape, worstHellos } from "../../support/worst-hellos.ts";
import { ordinaryCertificate, worstCertificates } from "../../support/worst-certificates.ts";
import { readAll } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "kemistry-hostile-"));
let child: ChildProcess;
let port: number;
let ca: string;

beforeAll(async () => {
  const outfile = join(folder, "server.mjs");
  buildSync({
    entryPoints: [join(root, "test/transport/node/hostile-server.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["pkcs11js", "ioredis"],
  });
  child = fork(outfile, { execArgv: ["--max-old-space-size=256"], stdio: "inherit" });
  [{ port, ca }] = (await once(child, "message")) as [{ port: number; ca: string }];
});
afterAll(() => {
  child.kill();
  rmSync(folder, { recursive: true });
});

async function isStillThere(): Promise<void> {
  expect(child.exitCode).toBeNull();
  const options = { port, host: "127.0.0.1", servername: "localhost", ca };
  expect(String(await readAll(connect(options)))).toBe("still here");
}

/** `HOSTILE_SECONDS` is for how long each shape goes on; without it, each comes once. */
const seconds = Number(process.env["HOSTILE_SECONDS"] ?? 0);

/** Waves of connections, one after the other. */
async function flood(count: number, speak: (socket: net.Socket) => void): Promise<void> {
  const until = performance.now() + seconds * 1000;
  let waves = 0;
  do {
    await wave(count, speak);
    waves++;
  } while (performance.now() < until);
  if (seconds === 0) return;
  child.send("memory");
  const [{ rss, heapUsed }] = (await once(child, "message")) as [NodeJS.MemoryUsage];
  const [held, heap] = [rss, heapUsed].map((bytes) => `${Math.round(bytes / 1e6)} MB`);
  const name = expect.getState().currentTestName;
  process.stdout.write(`${name}: ${waves * count} connections; ${held}, of which heap ${heap}\n`);
}

/** As many connections at once, which are left hanging until all are there. */
async function wave(count: number, speak: (socket: net.Socket) => void): Promise<void> {
  const sockets = Array.from({ length: count }, () => net.connect(port, "127.0.0.1"));
  await Promise.all(
    sockets.map(async (socket) => {
      socket.on("error", () => {});
      speak(socket);
      // The server has answered, or closed: it has read all
      await Promise.race([once(socket, "data"), once(socket, "close")]);
    }),
  );
  await isStillThere();
  for (const socket of sockets) socket.destroy();
}

const connections = 150;
/** Milliseconds; how long it takes is nobody's business here. */
const patience = 60_000 + 2000 * seconds;

describe("a server with a heap of 256 MB", () => {
  const plain = ordinaryHello();
  const most: Readonly<Record<string, number>> = { "identities of a byte": 1500 };
  const hellos = Object.entries(worstHellos).filter(([what]) => !/padding|a name/.test(what));

  it.each(hellos)(
    "outlives hellos of %s",
    async (what, shape) => {
      const more = shape(most[what] ?? 8000, plain.extensions);
      const extensions = withShape(plain.extensions, more);
      const hello = recordsOf(encodeMessage("client_hello", { ...plain, extensions }));
      await flood(connections, (socket) => socket.write(hello));
    },
    patience,
  );

  const [leaf] = clientCredential.chain;
  const chains: Readonly<Record<string, readonly { readonly der: Uint8Array }[]>> = {
    ...Object.fromEntries(
      ["empty directoryNames", "unknown extensions", "iPAddresses"].map((what) => [
        `a certificate with ${what}`,
        [{ der: worstCertificates[what]!(4000) }],
      ]),
    ),
    "many small certificates": [
      leaf!,
      ...Array.from({ length: 60 }, () => ({ der: ordinaryCertificate() })),
    ],
  };

  it.each(Object.entries(chains))(
    "outlives %s",
    async (_, ders) => {
      const chain = ders.map(({ der }) => ({ ...leaf!, der }));
      const credential = { ...clientCredential, chain };
      await flood(connections, (socket) => {
        const client = createClientConnection({
          provider: native,
          verifyServer: acceptAnyCertificate,
          serverName: "localhost",
          groups: ["x25519"],
          credentials: [credential],
        });
        const flush = (): void => {
          for (const chunk of client.takeOutput()) socket.write(chunk);
        };
        client.start();
        flush();
        socket.on("data", (bytes) => {
          client.receive(bytes);
          flush();
        });
      });
    },
    patience,
  );
});
