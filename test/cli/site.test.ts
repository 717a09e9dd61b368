import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { filesOf } from "../../src/cli/serve-folder.ts";
import { createSite, docsPath } from "../../src/cli/site.ts";
import { connect, native, type TlsSocket } from "../../src/node.ts";
import { createTrustStore, createDevelopmentCa, noble } from "../../src/index.ts";
import { seededRandom } from "../../src/crypto/index.ts";

const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
const trust = createTrustStore([ca.certificate]);

async function withSite(
  use: (port: number) => Promise<void>,
  docs?: RequestListener,
): Promise<void> {
  const credentials = [ca.issue({ names: ["localhost"] })];
  const { server, close } = createSite({
    tls: { provider: native, groups: ["x25519"], credentials },
    ...(docs && { docs }),
    onVisit: () => undefined,
    onRefused: () => undefined,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    close();
    await once(server, "close");
  }
}

/** What comes back for these bytes, up to the end of the connection. */
async function answerTo(port: number, request: Uint8Array): Promise<string> {
  const options = { trust, serverName: "localhost", groups: ["x25519"] };
  const client: TlsSocket = connect(port, "127.0.0.1", options);
  const chunks: Buffer[] = [];
  client.on("data", (chunk: Buffer) => chunks.push(chunk));
  client.on("error", () => undefined);
  client.end(request);
  await once(client, "close");
  return String(Buffer.concat(chunks));
}

const get = (target: string) =>
  Buffer.from(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`, "latin1");

describe("the site of serve", () => {
  it("lets go who says nothing", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await withSite(async (port) => {
        const client: TlsSocket = connect(port, "127.0.0.1", { trust, serverName: "localhost" });
        client.on("error", () => undefined);
        client.write("GET / HTTP/1.1\r\nhost:");
        await once(client, "secureConnect");
        client.resume();
        for (let turn = 0; turn < 1000; turn++) {
          await new Promise(setImmediate);
          vi.advanceTimersByTime(turn === 500 ? 31_000 : 0);
        }
        expect(client.destroyed).toBe(true);
        vi.useRealTimers();
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it("has the documentation below /docs/ if it is given, and nothing beside it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kemistry-docs-"));
    mkdirSync(join(folder, "play"));
    writeFileSync(join(folder, "index.html"), "all there is to read");
    writeFileSync(join(folder, "play/index.html"), "all there is to play");
    try {
      await withSite(
        async (port) => {
          expect(await answerTo(port, get("/docs/"))).toMatch(
            /^HTTP\/1.1 200.*all there is to read/s,
          );
          expect(await answerTo(port, get("/docs/play/"))).toContain("all there is to play");
          for (const target of ["/docs/../site.test.ts", "/docs/nothing.html", "/docs"]) {
            expect(await answerTo(port, get(target))).toMatch(/^HTTP\/1.1 404/);
          }
          expect(await answerTo(port, get("/negotiated.json"))).toMatch(/^HTTP\/1.1 200/);
        },
        filesOf(pathToFileURL(`${folder}/`), docsPath),
      );
      await withSite(async (port) => {
        expect(await answerTo(port, get("/docs/"))).toMatch(/^HTTP\/1.1 404/);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("answers a target that is no URL with 400, and goes on", async () => {
    await withSite(async (port) => {
      for (const target of ["//", "///", "http://", "http://[", "//a:b:c", "//%"]) {
        expect(await answerTo(port, get(target))).toMatch(/^HTTP\/1.1 (400|404)/);
      }
      expect(await answerTo(port, get("//"))).toMatch(/^HTTP\/1.1 400.*That is not a path/s);
      expect(await answerTo(port, get("/negotiated.json"))).toMatch(/^HTTP\/1.1 200/);
    });
  });

  it("survives requests that nobody would send", { timeout: 60_000 }, async () => {
    const random = seededRandom("requests");
    const number = (below: number): number => new DataView(random(4).buffer).getUint32(0) % below;
    const pick = <T>(list: readonly T[]): T => list[number(list.length)]!;
    const seeds = [
      "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
      "GET // HTTP/1.1\r\nhost: a\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
      "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\nabc",
      "HEAD http://[::1]:x/ HTTP/1.0\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    const odd = [
      "//",
      "\0",
      "\r\n",
      "\x9b",
      "%",
      "\\",
      "[",
      ":",
      "é",
      "http://",
      " ",
      "9".repeat(20),
    ];
    const mutate = (text: string): string => {
      const at = number(text.length);
      return pick([
        () => text.slice(0, at) + pick(odd) + text.slice(at),
        () => text.slice(0, at) + text.slice(at + 1 + number(4)),
        () => text.slice(0, at) + String.fromCharCode(number(256)) + text.slice(at + 1),
        () => text + pick(seeds),
        () => text.slice(0, at),
      ])();
    };
    await withSite(async (port) => {
      for (let round = 0; round < 150; round++) {
        let request = pick(seeds);
        for (let times = 1 + number(4); times > 0 && request !== ""; times--)
          request = mutate(request);
        await answerTo(port, Buffer.from(request, "latin1"));
      }
      expect(await answerTo(port, get("/"))).toMatch(/^HTTP\/1.1 200/);
    });
  });
});
