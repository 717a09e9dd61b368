import { once } from "node:events";
import * as https from "node:https";
import * as net from "node:net";
import * as tls from "node:tls";
import { describe, expect, it } from "vitest";
import { connect, HttpsAgent } from "../../../src/node.ts";
import { ca, closed, failureOf, portOf, readAll, serverPem } from "./support.ts";

/** A server of Node's that ends TCP without close_notify, behind what it has said. */
async function rude(answer: string, cut = 0): Promise<{ port: number; close(): Promise<unknown> }> {
  const inner = tls.createServer(serverPem, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(answer));
  });
  await portOf(inner);
  const { port: innerPort } = inner.address() as net.AddressInfo;
  // Passes everything on but close_notify, and of the last answer `cut` bytes fewer
  const outer = net.createServer((client) => {
    const server = net.connect(innerPort, "127.0.0.1");
    client.on("data", (bytes) => server.write(bytes));
    server.on("data", (bytes) => {
      const isAnswer = bytes.includes(Buffer.from([23, 3, 3])) && bytes.length > 30_000;
      client.write(isAnswer && cut > 0 ? bytes.subarray(0, -cut) : bytes);
    });
    for (const socket of [client, server]) socket.on("error", () => {});
    setTimeout(() => client.end(), 700);
    client.once("close", () => server.destroy());
  });
  const port = await portOf(outer);
  return { port, close: () => Promise.all([closed(outer), closed(inner)]) };
}

const options = (port: number) => ({ host: "localhost", port, ca: ca.pem });

describe("a stream that ends without close_notify", () => {
  it("is an error that names the option, or with it the end", async () => {
    const { port, close } = await rude("all of it");
    const failing = connect(options(port));
    failing.write("x");
    failing.resume();
    expect(await failureOf(failing)).toMatchObject({
      reason: "truncated",
      message: expect.stringContaining("`ignoreUnexpectedEnd: true` takes that for its end"),
    });
    const easy = connect({ ...options(port), ignoreUnexpectedEnd: true });
    easy.write("x");
    expect(String(await readAll(easy))).toBe("all of it");
    if (!easy.closed) await once(easy, "close");
    expect(easy.errored).toBeNull();
    await close();
  });

  it("is an error all the same where a record was cut, or the handshake was not over", async () => {
    const { port, close } = await rude("x".repeat(40_000), 5);
    const socket = connect({ ...options(port), ignoreUnexpectedEnd: true });
    socket.write("x");
    socket.resume();
    expect(await failureOf(socket)).toMatchObject({ reason: "truncated" });
    await close();
    const silent = net.createServer((client) => client.once("data", () => client.end()));
    const other = await portOf(silent);
    const early = connect({ ...options(other), ignoreUnexpectedEnd: true });
    expect(await failureOf(early)).toMatchObject({ reason: "truncated" });
    await closed(silent);
  });

  it("ends an HTTP body without a length, for an agent that takes it", async () => {
    const { port, close } = await rude("HTTP/1.0 200 OK\r\n\r\nall of the body");
    const get = (more: object): Promise<string> =>
      new Promise((resolve, reject) => {
        const agent = new HttpsAgent({ ca: ca.pem, ...more });
        https
          .get({ host: "localhost", port, agent }, (response) => {
            readAll(response as never).then((body) => resolve(String(body)), reject);
          })
          .once("error", reject);
      });
    await expect(get({})).rejects.toMatchObject({ reason: "truncated" });
    expect(await get({ ignoreUnexpectedEnd: true })).toBe("all of the body");
    await close();
  });
});
