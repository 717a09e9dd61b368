import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  connect,
  createHttpsServer,
  createServer,
  HttpsAgent,
  TlsSocket,
  type TlsServer,
  type TlsSocketError,
} from "../../../src/node.ts";
import { ca, closed, connected, failureOf, portOf, quick, readAll, serverPem } from "./support.ts";

const trusting = { ...quick, ca: ca.pem };

/** Answers with the method, the path, what it got, and the group under which it was asked. */
const answer: http.RequestListener = (request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += String(chunk)));
  request.on("end", () => {
    const { negotiated } = request.socket as unknown as TlsSocket;
    response.end(`${request.method} ${request.url} ${body} ${negotiated?.group}`);
  });
};

async function withHttps(use: (port: number, server: http.Server) => Promise<void>): Promise<void> {
  const server = createHttpsServer({ ...quick, ...serverPem }, answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use((server.address() as AddressInfo).port, server);
  } finally {
    server.closeAllConnections();
    await closed(server);
  }
}

async function responseTo(request: http.ClientRequest): Promise<string> {
  const [response] = (await once(request.end(), "response")) as [http.IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}

describe("HTTP over our sockets", () => {
  it("ends with all connections those whose handshake is not over", async () => {
    const server = createHttpsServer({ ...quick, ...serverPem, handshakeTimeout: 600_000 }, answer);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const silent = net.connect((server.address() as AddressInfo).port);
    await once(silent, "connect");
    while (server.pendingHandshakes === 0) await sleep(1);
    const ended = once(silent.resume(), "close");
    server.closeAllConnections();
    await closed(server);
    await ended;
  });

  it("is served by a plain HTTP server that gets them as connections", async () => {
    const web = http.createServer(answer);
    const server = createServer({ ...quick, ...serverPem }, (socket) =>
      web.emit("connection", socket),
    );
    const port = await portOf(server);
    const request = http.get({ path: "/page", createConnection: () => connect(port, trusting) });
    expect(await responseTo(request)).toBe("GET /page  x25519");
    web.closeAllConnections();
    await closed(server);
  });

  it("is fetched by http.get with a socket of ours", async () => {
    await withHttps(async (port) => {
      const createConnection = () => connect(port, "localhost", trusting);
      const request = http.request({ method: "POST", path: "/", createConnection });
      request.write("a ".repeat(50_000));
      request.write("b");
      expect(await responseTo(request)).toBe(`POST / ${"a ".repeat(50_000)}b x25519`);
    });
  });

  it("is fetched by https.get with our agent, over connections that stay open", async () => {
    await withHttps(async (port) => {
      const agent = new HttpsAgent({ ...trusting, keepAlive: true });
      const sockets = new Set<unknown>();
      for (const path of ["/1", "/2", "/3"]) {
        const request = https.get(`https://localhost:${port}${path}`, { agent });
        request.on("socket", (socket) => sockets.add(socket));
        expect(await responseTo(request)).toBe(`GET ${path}  x25519`);
        // The agent takes the connection back a little later
        await sleep(5);
      }
      expect(sockets.size).toBe(1);
      expect([...sockets][0]).toBeInstanceOf(TlsSocket);
      agent.destroy();
    });
  });

  it("is not fetched from a server that is another", async () => {
    await withHttps(async (port) => {
      const agent = new HttpsAgent(trusting);
      const request = https.get({ port, host: "127.0.0.1", agent, headers: { host: "other" } });
      const [error] = (await once(request, "error")) as [TlsSocketError];
      expect(error.reason).toBe("wrong_name");
    });
  });

  it("tells of handshakes that fail, and of connections that do nothing", async () => {
    await withHttps(async (port, server) => {
      const refused = once(server, "tlsClientError");
      const client = connect(port, "127.0.0.1", { ca: ca.pem, groups: ["x448"] });
      client.on("error", () => {});
      expect((await refused)[0]).toMatchObject({ reason: "no_common_group" });
      server.setTimeout(30);
      const idle = await connected(port);
      expect(await failureOf(idle)).toMatchObject({ reason: "truncated" });
    });
  });

  it("answers a request that comes in pieces, and ends the connection when asked to", async () => {
    await withHttps(async (port) => {
      const client = await connected(port);
      client.write("GET /pieces HT");
      client.write("TP/1.1\r\nHost: localhost\r\n");
      client.write("Connection: close\r\n\r\n");
      const text = String(await readAll(client));
      expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(text).toMatch(/\r\n\r\nGET \/pieces {2}x25519$/);
    });
  });

  it("is upgraded to another protocol", async () => {
    await withHttps(async (port, server) => {
      server.on("upgrade", (_request, socket) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n");
        socket.write("Upgrade: echo\r\n\r\n");
        socket.pipe(socket);
      });
      const headers = { connection: "Upgrade", upgrade: "echo" };
      const createConnection = () => connect(port, "localhost", trusting);
      const request = http.get({ headers, createConnection });
      const [, socket] = (await once(request, "upgrade")) as [unknown, TlsSocket];
      socket.write("ping");
      expect(String((await once(socket, "data"))[0])).toBe("ping");
      socket.destroy();
    });
  });
});

describe.each(["x25519", "secp256r1"])("an agent to a server of %s alone", (group) => {
  it("pays a retry once, has 0-RTT afterwards, and is told that it is no hybrid", async () => {
    const server = createHttpsServer(
      { ...serverPem, groups: [group], earlyData: true },
      (_, response) => response.end(),
    );
    const port = await portOf(server);
    const agent = new HttpsAgent({ ca: ca.pem, earlyData: "safe-to-replay" });
    const visit = async () => {
      const request = https.get({ host: "localhost", port, agent });
      const kinds: string[] = [];
      request.once("socket", (socket: TlsSocket) =>
        socket.on("finding", ({ kind }) => kinds.push(kind)),
      );
      const [response] = (await once(request, "response")) as [http.IncomingMessage];
      const { negotiated } = response.socket as unknown as TlsSocket;
      await once(response.resume(), "end");
      return { ...negotiated!, kinds };
    };
    const first = await visit();
    expect(first).toMatchObject({ group, retried: true, resumed: false });
    expect(first.kinds).toContain("hybrid-declined");
    const seen: (typeof first)[] = [];
    await expect
      .poll(async () => seen.push(await visit()) && seen.at(-1), { timeout: 15_000 })
      .toMatchObject({ group, retried: false, resumed: true, earlyData: "accepted" });
    // Before its ticket came, too
    expect(seen.filter(({ retried }) => retried)).toEqual([]);
    expect(seen.at(-1)!.kinds).toContain("hybrid-declined");
    agent.destroy();
    server.closeAllConnections();
    await closed(server);
  });
});

describe("a body that ends with the connection (RFC 9112 §9.8)", () => {
  const told = async (port: number): Promise<string[]> => {
    const agent = new HttpsAgent(trusting);
    const request = https.get({ host: "localhost", port, agent });
    request.on("error", () => {});
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    const events: string[] = [];
    response.on("data", (data) => events.push(`data ${String(data)}`));
    response.on("end", () => events.push("end"));
    response.on("error", ({ code }: NodeJS.ErrnoException) => events.push(`error ${code}`));
    await new Promise((resolve) => response.on("close", resolve));
    agent.destroy();
    return events;
  };
  const text = "HTTP/1.0 200 OK\r\n\r\nall";

  it("is whole after close_notify", async () => {
    const server = createServer({ ...quick, ...serverPem }, (socket) => socket.end(text));
    expect(await told(await portOf(server))).toEqual(["data all", "end"]);
    await closed(server);
  });

  /** Writes, and ends TCP without close_notify, as whoever sits in between can. */
  const cutOff = (written: string): TlsServer => {
    const server = createServer({ ...quick, ...serverPem });
    server.on("connection", (raw: net.Socket) =>
      server.once("secureConnection", (socket: TlsSocket) => {
        socket.on("error", () => {});
        socket.write(written, () => raw.end());
      }),
    );
    return server;
  };

  it("is not whole without it", async () => {
    const server = cutOff(text);
    expect(await told(await portOf(server))).toEqual(["data all", "error ECONNRESET"]);
    await closed(server);
  });

  it("is judged by its own request's end: an answer that was whole stays so", async () => {
    const server = cutOff("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nall");
    expect(await told(await portOf(server))).toEqual(["data all", "end"]);
    await closed(server);
  });
});
