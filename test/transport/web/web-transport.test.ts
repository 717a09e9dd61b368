/** WebTransport carries a TLS of ours in its streams: from Chromium and from Deno, to a server in Deno. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { promisify } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { root } from "../../architecture/tree.ts";
import { findPeer, itWith } from "../../interop/peers.ts";
import type { WebTransportQuestion } from "./probes/web-transport.ts";

const folder = mkdtempSync(join(tmpdir(), "kemistry-webtransport-"));
const unstable = ["run", "--unstable-net", "--allow-net"] as const;

beforeAll(async () => {
  await build({
    entryPoints: ["server", "deno", "page"].map((name) =>
      join(root, `test/transport/web/probes/web-transport-${name}.ts`),
    ),
    outdir: folder,
    bundle: true,
    format: "esm",
    platform: "browser",
    logLevel: "error",
  });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ask = (question: WebTransportQuestion) => Promise<unknown>;

/** A server, what clients need to know of it, and what it says came of each stream. */
async function withServer(
  path: string,
  use: (question: WebTransportQuestion, served: AsyncIterator<string>) => Promise<void>,
): Promise<void> {
  const server: ChildProcess = spawn(path, [...unstable, join(folder, "web-transport-server.js")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const lines: Interface = createInterface(server.stdout!);
    const served = lines[Symbol.asyncIterator]();
    const { value } = (await served.next()) as { readonly value: string };
    await use({ ...JSON.parse(value), serverName: "server.example" }, served);
  } finally {
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  }
}

/** A session that goes without a close_notify is never an end of data, but the error of the transport. */
const lost = /: connection lost/i;

/** A server with the right name, and one with another, as both ends see it. */
const seenBy = (path: string, ask: Ask): Promise<void> =>
  withServer(path, async (question, served) => {
    const three = async (): Promise<unknown[]> => [
      (await served.next()).value,
      (await served.next()).value,
      (await served.next()).value,
    ];
    expect(await ask(question)).toEqual({
      client: "X25519MLKEM768: all",
      server: "X25519MLKEM768: all",
      nobody: expect.stringMatching(lost),
    });
    expect(await three()).toEqual(["client: all", "server: all", expect.stringMatching(lost)]);

    expect(await ask({ ...question, serverName: "another.example" })).toEqual({
      client: "wrong_name",
      server: "wrong_name",
      nobody: "wrong_name",
    });
    expect(await three()).toEqual([
      "client: peer_alert",
      "server: peer_alert",
      "nobody: peer_alert",
    ]);
  });

describe("WebTransport carries a hybrid handshake and much data; another name is refused", () => {
  itWith(
    "deno",
    "from Deno",
    async ({ path }) => {
      const client = join(folder, "web-transport-deno.js");
      await seenBy(path, async (question) => {
        const args = [...unstable, client, JSON.stringify(question)];
        return JSON.parse((await promisify(execFile)(path, args)).stdout);
      });
    },
    120_000,
  );

  itWith(
    ["chromium", "deno"],
    "from Chromium",
    async ({ path: executablePath }) => {
      // Only a page whose origin is trustworthy has WebTransport; one of 127.0.0.1 is
      const web = createServer((_, response) => {
        response.setHeader("content-type", "text/html").end("<!doctype html><title>a page</title>");
      }).listen(0, "127.0.0.1");
      await once(web, "listening");
      const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
      try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`);
        await page.addScriptTag({ path: join(folder, "web-transport-page.js"), type: "module" });
        await page.waitForFunction("typeof tryWebTransport === 'function'");
        await seenBy(findPeer("deno")!.path, (question) =>
          page.evaluate(`tryWebTransport(${JSON.stringify(question)})`),
        );
      } finally {
        await browser.close();
        web.closeAllConnections();
        web.close();
      }
    },
    120_000,
  );
});
