import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { OfferedPsk } from "../../../src/index.ts";
import { cameEarly, connect, createHttpsServer, type TlsSocket } from "../../../src/node.ts";
import { ca, closed, portOf, quick, serverPem, withServer } from "./support.ts";

const place = (port: number) => ({ ...quick, host: "localhost", port, ca: ca.pem });

async function sessionFrom(port: number): Promise<OfferedPsk> {
  const socket = connect(place(port));
  const [session] = (await once(socket, "session")) as [OfferedPsk];
  socket.destroy();
  return session;
}

describe("RFC 8470", () => {
  /** What a server says of each request, where the first text goes out early and the second after the handshake. */
  async function ask(early: string, later: string): Promise<Record<string, boolean>> {
    const seen: Record<string, boolean> = {};
    const server = createHttpsServer(
      { ...quick, ...serverPem, earlyData: true },
      (request, response) => {
        request.resume().once("end", () => {
          seen[request.url ?? ""] = cameEarly(request);
          response.end();
        });
      },
    );
    const port = await portOf(server);
    const session = await sessionFrom(port);
    const client = connect({ ...place(port), session, earlyData: "safe-to-replay" });
    client.write(early);
    client.resume();
    await once(client, "secureConnect");
    expect(client.negotiated?.earlyData).toBe("accepted");
    // The early part is parsed by itself
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.write(later);
    await once(client, "end");
    server.closeAllConnections();
    await closed(server);
    return seen;
  }
  const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  const post = (path: string, length: number) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;
  const last = (path: string) => get(path, "Connection: close\r\n");

  it("tells a request that came early from the next one", async () => {
    expect(await ask(get("/early"), last("/later"))).toEqual({ "/early": true, "/later": false });
  });

  it("tells all of several, and one with a body", async () => {
    expect(await ask(get("/a") + `${post("/b", 4)}body`, last("/later"))).toEqual({
      "/a": true,
      "/b": true,
      "/later": false,
    });
  });

  it("takes one for early whose head was so in part, and the one behind it for later", async () => {
    const text = get("/split");
    expect(await ask(text.slice(0, 10), text.slice(10) + last("/later"))).toEqual({
      "/split": true,
      "/later": false,
    });
  });

  it("takes one for early whose body came later; where it cannot see the border, the next too", async () => {
    expect(await ask(`${post("/half", 4)}bo`, `dy${last("/next")}`)).toEqual({
      "/half": true,
      "/next": true,
    });
  });

  it("believes a proxy that says Early-Data: 1, and nobody who says something else", async () => {
    const full = await ask(
      get("/"),
      get("/proxy", "Early-Data: 1\r\n") + get("/no", "Early-Data: 0\r\n") + last("/last"),
    );
    expect(full).toEqual({ "/": true, "/proxy": true, "/no": false, "/last": false });
  });

  it("a socket says how much of what it reads was early", async () => {
    const accepted: TlsSocket[] = [];
    await withServer({ earlyData: true }, async (port, server) => {
      server.on("secureConnection", (socket) => {
        accepted.push(socket);
        socket.resume();
      });
      const session = await sessionFrom(port);
      const client = connect({ ...place(port), session, earlyData: "safe-to-replay" });
      client.write("early");
      await once(client, "secureConnect");
      client.end("later");
      await expect.poll(() => accepted.map((each) => each.earlyDataLength)).toEqual([0, 5]);
      client.destroy();
    });
  });
});
