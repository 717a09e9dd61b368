/** Each runtime of the web speaks to servers of ours, over its own sockets and over WebSockets. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import {
  createDevelopmentCa,
  noble,
  type WebSocketLike,
  webSocketStreams,
} from "../../../src/index.ts";
import { createServer, type TlsServer } from "../../../src/node.ts";
import { root } from "../../architecture/tree.ts";
import { itWith, type Peer } from "../../interop/peers.ts";
import { loadLibrary } from "../../libraries/libraries.ts";
import { echo, type Question, tryOver } from "./probes/probe.ts";

const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
const issued = ca.issue({ names: ["server.example"] });

interface WebSocketServer {
  on(event: "connection", listener: (socket: WebSocketLike) => void): void;
}
interface Ws {
  readonly WebSocketServer: new (options: { server: Server }) => WebSocketServer;
  readonly WebSocket: new (url: string) => WebSocketLike;
}

const portOf = async (server: Server | TlsServer): Promise<number> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

const folder = mkdtempSync(join(tmpdir(), "kemistry-web-"));
const tls = createServer({ cert: issued.certificatePem, key: issued.privateKeyPem }, (socket) => {
  socket.pipe(socket);
});
const web = createHttpServer((_, response) => {
  response.setHeader("content-type", "text/html").end("<!doctype html><title>a page</title>");
});
let question: Question;

beforeAll(async () => {
  const names = ["bun", "deno", "page", "worker"];
  await build({
    entryPoints: names.map((name) => join(root, `test/transport/web/probes/${name}.ts`)),
    outdir: folder,
    bundle: true,
    format: "esm",
    platform: "browser",
    external: ["cloudflare:sockets"],
    logLevel: "error",
  });
  const [tcpPort, port] = await Promise.all([portOf(tls), portOf(web)]);
  const webSocketUrl = `ws://127.0.0.1:${port}/`;
  question = { pem: ca.pem, serverName: "server.example", tcpPort, webSocketUrl };
}, 60_000);
afterAll(() => {
  web.closeAllConnections();
  web.close();
  tls.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The server is there once the library is. */
async function withWebSockets(): Promise<void> {
  if (web.listenerCount("upgrade") > 0) return;
  const { WebSocketServer } = await loadLibrary<Ws>("ws");
  new WebSocketServer({ server: web }).on("connection", (socket) => {
    echo(webSocketStreams(socket), [issued]);
  });
}

const works = "X25519MLKEM768: there and back";
const another = (): Question => ({ ...question, serverName: "another.example" });

/** What the probe says of a server whose name is right, and of one whose name is not. */
async function bothOf(ask: (question: Question) => Promise<unknown>): Promise<unknown> {
  await withWebSockets();
  return [await ask(question), await ask(another())];
}

const both = [
  { tcp: works, webSocket: works },
  { tcp: "wrong_name", webSocket: "wrong_name" },
];
const webSocketAlone = both.map(({ webSocket }) => ({ webSocket }));

/** Runs a probe as a program. */
const program =
  (...command: readonly string[]) =>
  async (asked: Question): Promise<unknown> => {
    const [path = "", ...args] = command;
    const { stdout } = await promisify(execFile)(path, [...args, JSON.stringify(asked)]);
    return JSON.parse(stdout);
  };

/** Serves the Worker, and gives its port. */
async function serveWorker({ path }: Peer): Promise<readonly [ChildProcess, number]> {
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "any", network = (allow = ["public", "private"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2025-05-01",
  globalOutbound = "any",
);
`,
  );
  const worker = spawn(path, ["serve", "--control-fd=3", join(folder, "config.capnp")], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  for await (const line of createInterface(worker.stdio[3] as Readable)) {
    const told = JSON.parse(line) as { readonly event: string; readonly port: number };
    if (told.event === "listen") return [worker, told.port];
  }
  throw new Error("workerd does not listen");
}

describe("streams of the web carry a hybrid handshake, and refuse another name", () => {
  itWith(
    ["deno", "libraries"],
    "in Deno",
    async ({ path }) => {
      const run = program(path, "run", "--allow-net", join(folder, "deno.js"));
      expect(await bothOf(run)).toEqual([
        { ...both[0], served: works, upgraded: works },
        { ...both[1], served: "wrong_name", upgraded: "wrong_name" },
      ]);
    },
    120_000,
  );

  itWith(
    ["bun", "libraries"],
    "in Bun",
    async ({ path }) => {
      expect(await bothOf(program(path, join(folder, "bun.js")))).toEqual(webSocketAlone);
    },
    120_000,
  );

  itWith(
    ["workerd", "libraries"],
    "in a Worker of Cloudflare's",
    async (peer) => {
      const [worker, port] = await serveWorker(peer);
      try {
        const ask = async (asked: Question): Promise<unknown> => {
          const body = JSON.stringify(asked);
          const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
          return response.json();
        };
        expect(await bothOf(ask)).toEqual(both);

        // As a server
        const { WebSocket } = await loadLibrary<Ws>("ws");
        const pem = await (await fetch(`http://127.0.0.1:${port}/`)).text();
        const meet = (asked: Question): Promise<string> =>
          tryOver(webSocketStreams(new WebSocket(`ws://127.0.0.1:${port}/`)), { ...asked, pem });
        expect(await meet(question)).toBe(works);
        expect(await meet(another())).toBe("wrong_name");
      } finally {
        const ended = once(worker, "exit");
        worker.kill("SIGKILL");
        await ended;
      }
    },
    120_000,
  );

  itWith(
    ["chromium", "libraries"],
    "in Chromium",
    async ({ path: executablePath }) => {
      const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
      try {
        const page = await browser.newPage();
        await page.goto(question.webSocketUrl.replace("ws:", "http:"));
        await page.addScriptTag({ path: join(folder, "page.js"), type: "module" });
        // A module runs when it has been loaded, which nobody awaits
        await page.waitForFunction("typeof tryWebSocket === 'function'");
        const ask = async (asked: Question): Promise<unknown> => {
          const call = `tryWebSocket(${JSON.stringify(asked)})`;
          return { webSocket: await page.evaluate(call) };
        };
        expect(await bothOf(ask)).toEqual(webSocketAlone);
      } finally {
        await browser.close();
      }
    },
    120_000,
  );
});
